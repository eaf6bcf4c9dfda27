//! Events for open pages while a designer edits; only with `vestibule design`.

use tokio::sync::watch;

/// One event.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// What pages have to know, as JSON.
    pub event: String,
    /// The service stops: there is nothing more to come.
    pub is_over: bool,
}

/// Sends events to open pages.
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

    /// Ends every stream of events, so that the service can stop.
    pub fn close(&self) {
        self.live.send_modify(|live| live.is_over = true);
    }
}
