//! Sends the mails of the outbox, a few at a time, after the responses to the requests that caused them.

use std::{sync::Arc, time::Duration};

use lettre::{AsyncTransport as _, Message, message::Mailbox};
use tokio::{
    sync::{Semaphore, watch},
    task, time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    compose, content,
    metrics::{self, MailOutcome},
    smtp::Transport,
};
use crate::{
    accounts::outbox::{Failure, Outbox, Outgoing},
    appearance::SharedTheme,
};

/// Maximum number of concurrent SMTP sessions.
const MAX_SESSIONS: usize = 4;
/// Interval of outbox polls: other instances post mails too, and delays end.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Wait after a database error.
const DATABASE_ERROR_WAIT: Duration = Duration::from_secs(5);
/// Timeout for sending a mail, shorter than its lease. Some servers scan a mail before they accept it.
const SEND_WAIT: Duration = Duration::from_mins(3);
/// Retry interval and timeout for recording a sent mail. With [`SEND_WAIT`] no longer than the lease.
const RECORD_RETRY: Duration = Duration::from_secs(1);
const RECORD_WAIT: Duration = Duration::from_secs(30);
/// How long a stop waits for mails in transit, and then for the release of the others.
const STOP_WAIT: Duration = Duration::from_secs(5);
const RELEASE_WAIT: Duration = Duration::from_secs(2);

/// Sends the mails of this instance.
#[derive(Debug)]
pub(crate) struct MailWorker {
    pub outbox: Outbox,
    pub theme: SharedTheme,
    pub transport: Transport,
    pub from: Mailbox,
    /// Prefix of links, with a trailing slash.
    pub base: String,
    pub sending: Sending,
}

/// The mails in transit. They survive a restart of the worker after a panic.
#[derive(Debug)]
pub(crate) struct Sending {
    permits: Arc<Semaphore>,
    tasks: TaskTracker,
    /// Cancelled when a stop has timed out.
    aborted: CancellationToken,
}

impl Default for Sending {
    fn default() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(MAX_SESSIONS)),
            tasks: TaskTracker::new(),
            aborted: CancellationToken::new(),
        }
    }
}

impl MailWorker {
    /// Sends mails until the service stops; then finishes those in transit, or releases them for the next worker.
    pub(crate) async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let Sending { permits, tasks, aborted } = &self.sending;
        let mut is_readable = true;
        loop {
            let permit = tokio::select! {
                biased;
                _ = stopped.wait_for(|stop| *stop) => break,
                // Never closed.
                Ok(permit) = Arc::clone(permits).acquire_owned() => permit,
            };
            // Not cancelled by a stop: a leased mail has to be sent or released.
            let next = self.outbox.next(|| *stopped.borrow()).await;
            // Logged once, not for every poll.
            match (&next, is_readable) {
                (Err(error), true) => tracing::warn!(%error, "failed to read outbox"),
                (Ok(_), false) => tracing::info!("outbox readable again"),
                _ => {}
            }
            is_readable = next.is_ok();
            let wait = match next {
                Ok(Some(outgoing)) if *stopped.borrow() => {
                    self.release(&outgoing).await;
                    break;
                }
                Ok(Some(outgoing)) => {
                    let worker = Arc::clone(&self);
                    tasks.spawn(async move {
                        worker.deliver(outgoing).await;
                        drop(permit);
                    });
                    continue;
                }
                Ok(None) => POLL_INTERVAL,
                Err(_) => DATABASE_ERROR_WAIT,
            };
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => break,
                () = self.outbox.posted(), if is_readable => {}
                () = time::sleep(wait) => {}
            }
        }
        tasks.close();
        if time::timeout(STOP_WAIT, tasks.wait()).await.is_err() {
            aborted.cancel();
            let _ = time::timeout(RELEASE_WAIT, tasks.wait()).await;
        }
    }

    async fn deliver(self: &Arc<Self>, outgoing: Outgoing) {
        if outgoing.is_dropped {
            return self.drop_mail(&outgoing).await;
        }
        let sent = tokio::select! {
            sent = self.send(&outgoing) => sent,
            // The mail server may have accepted it: as after an expired lease, it is sent again.
            () = self.sending.aborted.cancelled() => return self.release(&outgoing).await,
        };
        let id = outgoing.id;
        match sent {
            Ok(()) => {
                metrics::count(MailOutcome::Sent);
                tracing::info!(mail = id, "mail sent");
                self.record_sent(&outgoing).await;
            }
            Err(SendError { failure, error, code }) => {
                let next = self.outbox.failed(&outgoing, failure, error).await;
                let is_final = matches!(next, Ok(None));
                metrics::count(if is_final { MailOutcome::GivenUp } else { MailOutcome::Postponed });
                match next {
                    Ok(next) => {
                        let next = next.map(|next| next.to_string());
                        // The server's reply may contain the address, so only the outbox has it.
                        tracing::warn!(mail = id, code, next, "failed to send mail");
                    }
                    Err(error) => {
                        tracing::warn!(mail = id, code, %error, "failed to send mail and to record the failure");
                    }
                }
            }
        }
    }

    /// Does the same work for a dropped mail as for a sent one, except for the SMTP session.
    async fn drop_mail(self: &Arc<Self>, outgoing: &Outgoing) {
        metrics::count(MailOutcome::Dropped);
        if let Err(error) = self.compose(outgoing).await {
            tracing::warn!(mail = outgoing.id, error, "failed to compose dropped mail");
        }
        if let Err(error) = self.outbox.dropped(outgoing).await {
            tracing::warn!(mail = outgoing.id, %error, "failed to record dropped mail");
        }
    }

    /// Ends the lease of a mail that was not sent.
    async fn release(&self, outgoing: &Outgoing) {
        if let Err(error) = self.outbox.release(outgoing).await {
            tracing::warn!(mail = outgoing.id, %error, "failed to release mail: its lease expires within minutes");
        }
    }

    /// Records a sent mail, with retries during its lease: otherwise it is sent again.
    async fn record_sent(&self, outgoing: &Outgoing) {
        let recording = async {
            let mut is_logged = false;
            while let Err(error) = self.outbox.sent(outgoing).await {
                // Once, not for every retry.
                if !is_logged {
                    tracing::warn!(mail = outgoing.id, %error, "failed to record sent mail, retrying");
                }
                is_logged = true;
                time::sleep(RECORD_RETRY).await;
            }
        };
        if time::timeout(RECORD_WAIT, recording).await.is_err() {
            tracing::warn!(mail = outgoing.id, "failed to record sent mail: it will be sent again");
        }
    }

    async fn send(self: &Arc<Self>, outgoing: &Outgoing) -> Result<(), SendError> {
        let not_composed =
            |error: String| SendError { failure: Failure::Passing, error, code: "not composed".to_owned() };
        let message = self.compose(outgoing).await.map_err(not_composed)?;
        match time::timeout(SEND_WAIT, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(SendError::from(&error)),
            Err(_) => Err(SendError {
                failure: Failure::Passing,
                error: "the mail server timed out".to_owned(),
                code: "timeout".to_owned(),
            }),
        }
    }

    /// On a blocking thread: inlining styles takes milliseconds of CPU time.
    async fn compose(self: &Arc<Self>, outgoing: &Outgoing) -> Result<Message, String> {
        let (worker, outgoing) = (Arc::clone(self), outgoing.clone());
        task::spawn_blocking(move || worker.message(&outgoing)).await.map_err(|error| error.to_string())?
    }

    fn message(&self, outgoing: &Outgoing) -> Result<Message, String> {
        let theme = self.theme.current();
        let mail = content::render_mail(&theme, &self.base, outgoing).map_err(|error| error.0)?;
        let to = outgoing.recipient.parse().map_err(|error| format!("invalid address: {error}"))?;
        let to = Mailbox::new(None, to);
        let id = format!("<{}@{}>", outgoing.message_id, self.from.email.domain());
        compose(&mail, self.from.clone(), to, Some(id)).map_err(|error| error.to_string())
    }
}

/// A mail that was not sent.
struct SendError {
    failure: Failure,
    /// For the outbox.
    error: String,
    /// For the log.
    code: String,
}

impl From<&lettre::transport::smtp::Error> for SendError {
    fn from(error: &lettre::transport::smtp::Error) -> Self {
        /// Maximum length of a stored error text, in characters.
        const ERROR_CHARACTERS: usize = 500;
        let status = error.status().map(|code| code.to_string());
        // 53x refuses our own login (RFC 4954), which an operator can fix.
        let is_final = error.is_permanent() && !status.as_deref().is_some_and(|code| code.starts_with("53"));
        let failure = if is_final { Failure::Final } else { Failure::Passing };
        let kind = [
            (error.is_timeout(), "timeout"),
            (error.is_tls(), "TLS"),
            (error.is_client(), "missing server feature"),
            (error.is_transport_shutdown(), "shut down"),
        ];
        let kind = kind.into_iter().find_map(|(is_it, name)| is_it.then_some(name)).unwrap_or("connection");
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
        let mut error: String = format!("{error}{cause}").chars().take(ERROR_CHARACTERS).collect();
        error.retain(|c| !c.is_control());
        Self { failure, error, code: status.unwrap_or_else(|| kind.to_owned()) }
    }
}
