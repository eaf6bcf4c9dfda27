//! Live-reload events for open pages, sent by `vestibule design` only.

use tokio::sync::watch;

/// State of the event stream.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// The latest event, as JSON.
    pub event: String,
    /// Whether the service stops, which ends the stream.
    pub is_over: bool,
}

/// Sends live-reload events.
#[derive(Debug)]
pub struct LiveReload {
    live: watch::Sender<Live>,
}

impl LiveReload {
    #[must_use]
    pub fn new(event: String) -> Self {
        Self { live: watch::Sender::new(Live { event, is_over: false }) }
    }

    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Live> {
        self.live.subscribe()
    }

    pub fn send(&self, event: String) {
        self.live.send_modify(|live| live.event = event);
    }

    /// Ends every event stream, so that the service can stop.
    pub fn close(&self) {
        self.live.send_modify(|live| live.is_over = true);
    }
}
