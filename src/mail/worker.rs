//! Sends what is in the outbox, a few mails at a time. Whoever caused a mail has their answer by then.

use std::{sync::Arc, time::Duration};

use lettre::{AsyncTransport as _, Message, message::Mailbox};
use tokio::{
    sync::{Semaphore, watch},
    task, time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    compose,
    metrics::{self, MailOutcome},
    smtp::Transport,
    words,
};
use crate::{
    accounts::outbox::{Failure, Outbox, Outgoing},
    appearance::SharedTheme,
};

/// Mails that are sent at once.
const AT_ONCE: usize = 4;
/// How often the outbox is looked at, since other instances write into it too and waits end.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The wait after a fault of the database.
const FAULT_WAIT: Duration = Duration::from_secs(5);
/// The most that sending one mail may take: less than its lease. Some servers look into a mail before they take it.
const SEND_WAIT: Duration = Duration::from_mins(3);
/// The wait after it could not be written that a mail was sent, and how long that is tried: with the sending no longer than
/// the lease.
const SETTLE_AGAIN: Duration = Duration::from_secs(1);
const SETTLE_WAIT: Duration = Duration::from_secs(30);
/// How long a stop waits for mails that are being sent, and then until those that are not are given back.
const STOP_WAIT: Duration = Duration::from_secs(5);
const RELEASE_WAIT: Duration = Duration::from_secs(2);

/// Sends the mails of this instance.
#[derive(Debug)]
pub struct MailWorker {
    pub outbox: Outbox,
    pub theme: SharedTheme,
    pub transport: Transport,
    pub from: Mailbox,
    /// What links begin with, with a slash at its end.
    pub base: String,
    pub sending: Sending,
}

/// The mails that are being sent. They go on while a worker that failed is started again.
#[derive(Debug)]
pub struct Sending {
    places: Arc<Semaphore>,
    tasks: TaskTracker,
    /// A stop has waited long enough.
    too_late: CancellationToken,
}

impl Default for Sending {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            tasks: TaskTracker::new(),
            too_late: CancellationToken::new(),
        }
    }
}

impl MailWorker {
    /// Sends until it is stopped; then what is on its way is finished, or given back to whoever comes next.
    pub async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let Sending { places, tasks, too_late } = &self.sending;
        let mut is_readable = true;
        loop {
            let place = tokio::select! {
                biased;
                _ = stopped.wait_for(|stop| *stop) => break,
                // Never closed.
                Ok(place) = Arc::clone(places).acquire_owned() => place,
            };
            // Not cut short by a stop: what is leased has to be sent or given back.
            let next = self.outbox.next(|| *stopped.borrow()).await;
            // Said once, and not every few seconds.
            match (&next, is_readable) {
                (Err(error), true) => tracing::warn!(%error, "the outbox cannot be read"),
                (Ok(_), false) => tracing::info!("the outbox can be read again"),
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
                        drop(place);
                    });
                    continue;
                }
                Ok(None) => LOOK_EVERY,
                Err(_) => FAULT_WAIT,
            };
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => break,
                () = self.outbox.posted(), if is_readable => {}
                () = time::sleep(wait) => {}
            }
        }
        tasks.close();
        if time::timeout(STOP_WAIT, tasks.wait()).await.is_err() {
            too_late.cancel();
            let _ = time::timeout(RELEASE_WAIT, tasks.wait()).await;
        }
    }

    async fn deliver(self: &Arc<Self>, outgoing: Outgoing) {
        if outgoing.is_dropped {
            return self.drop_mail(&outgoing).await;
        }
        let sent = tokio::select! {
            sent = self.send(&outgoing) => sent,
            // Whether the mail server has taken it is not known: as after the lease, it is sent once more.
            () = self.sending.too_late.cancelled() => return self.release(&outgoing).await,
        };
        let id = outgoing.id;
        match sent {
            Ok(()) => {
                metrics::count(MailOutcome::Sent);
                tracing::info!(mail = id, "a mail was sent");
                self.settle(&outgoing).await;
            }
            Err(Unsent { failure, error, code }) => {
                let next = self.outbox.failed(&outgoing, failure, error).await;
                let is_over = matches!(next, Ok(None));
                metrics::count(if is_over { MailOutcome::GivenUp } else { MailOutcome::Postponed });
                match next {
                    Ok(next) => {
                        let next = next.map(|next| next.to_string());
                        // What the server said may name the address, so it stands in the outbox alone.
                        tracing::warn!(mail = id, code, next, "a mail could not be sent");
                    }
                    Err(error) => {
                        tracing::warn!(mail = id, code, %error, "a mail could not be sent, nor that be written");
                    }
                }
            }
        }
    }

    /// Does for a mail that is dropped what is done for one that is sent, but for the SMTP session.
    async fn drop_mail(self: &Arc<Self>, outgoing: &Outgoing) {
        metrics::count(MailOutcome::Dropped);
        if let Err(error) = self.compose(outgoing).await {
            tracing::warn!(mail = outgoing.id, error, "a mail that was dropped could not be put together");
        }
        if let Err(error) = self.outbox.dropped(outgoing).await {
            tracing::warn!(mail = outgoing.id, %error, "it could not be written when a mail was dropped");
        }
    }

    /// Gives back a mail that is not sent now.
    async fn release(&self, outgoing: &Outgoing) {
        if let Err(error) = self.outbox.release(outgoing).await {
            tracing::warn!(mail = outgoing.id, %error, "a mail could not be given back: its lease runs out in minutes");
        }
    }

    /// Writes that a mail was sent, again and again as long as it is ours: otherwise it is sent once more.
    async fn settle(&self, outgoing: &Outgoing) {
        let settling = async {
            let mut is_said = false;
            while let Err(error) = self.outbox.sent(outgoing).await {
                // Once, and not every second.
                if !is_said {
                    tracing::warn!(mail = outgoing.id, %error, "it could not be written that a mail was sent, yet");
                }
                is_said = true;
                time::sleep(SETTLE_AGAIN).await;
            }
        };
        if time::timeout(SETTLE_WAIT, settling).await.is_err() {
            tracing::warn!(
                mail = outgoing.id,
                "it could not be written that a mail was sent: it will be sent once more"
            );
        }
    }

    async fn send(self: &Arc<Self>, outgoing: &Outgoing) -> Result<(), Unsent> {
        let unmade = |error: String| Unsent {
            failure: Failure::Passing,
            error,
            code: "it could not be put together".to_owned(),
        };
        let message = self.compose(outgoing).await.map_err(unmade)?;
        match time::timeout(SEND_WAIT, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Unsent::from(&error)),
            Err(_) => Err(Unsent {
                failure: Failure::Passing,
                error: "the mail server took too long".to_owned(),
                code: "timeout".to_owned(),
            }),
        }
    }

    /// Writing styles into elements takes a core for some milliseconds.
    async fn compose(self: &Arc<Self>, outgoing: &Outgoing) -> Result<Message, String> {
        let (worker, made_of) = (Arc::clone(self), outgoing.clone());
        task::spawn_blocking(move || worker.message(&made_of)).await.map_err(|error| error.to_string())?
    }

    fn message(&self, outgoing: &Outgoing) -> Result<Message, String> {
        let appearance = self.theme.current();
        let mail = words::write(&appearance, &self.base, outgoing).map_err(|error| error.0)?;
        let to = outgoing.recipient.parse().map_err(|error| format!("the address cannot be written to: {error}"))?;
        let to = Mailbox::new(None, to);
        let id = format!("<{}@{}>", outgoing.message_id, self.from.email.domain());
        compose(&mail, self.from.clone(), to, Some(id)).map_err(|error| error.to_string())
    }
}

/// A mail that was not sent.
struct Unsent {
    failure: Failure,
    /// For the outbox.
    error: String,
    /// For the log.
    code: String,
}

impl From<&lettre::transport::smtp::Error> for Unsent {
    fn from(error: &lettre::transport::smtp::Error) -> Self {
        /// Longest text of an error that is kept, in characters.
        const ERROR_CHARACTERS: usize = 500;
        let status = error.status().map(|code| code.to_string());
        // 53x is about our own login (RFC 4954), which an operator can mend.
        let is_final = error.is_permanent() && !status.as_deref().is_some_and(|code| code.starts_with("53"));
        let failure = if is_final { Failure::Final } else { Failure::Passing };
        let kind = [
            (error.is_timeout(), "timeout"),
            (error.is_tls(), "TLS"),
            (error.is_client(), "the server does not do what is needed"),
            (error.is_transport_shutdown(), "shut down"),
        ];
        let kind = kind.into_iter().find_map(|(is_it, name)| is_it.then_some(name)).unwrap_or("connection");
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
        let mut error: String = format!("{error}{cause}").chars().take(ERROR_CHARACTERS).collect();
        error.retain(|c| !c.is_control());
        Self { failure, error, code: status.unwrap_or_else(|| kind.to_owned()) }
    }
}
