//! Sends what is in the outbox, a few mails at a time. Whoever caused a mail has their answer by then.

use std::{sync::Arc, time::Duration};

use lettre::{AsyncTransport as _, Message, message::Mailbox};
use tokio::{
    sync::{Semaphore, watch},
    task, time,
};
use tokio_util::task::TaskTracker;

use super::{compose, smtp::Transport, words};
use crate::{
    accounts::{
        Accounts,
        outbox::{Failure, Outgoing},
    },
    appearance::SharedAppearance,
    observability::{MailOutcome, metrics},
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
/// How long a stop waits for mails that are being sent.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// Whoever sends the mails.
#[derive(Debug)]
pub struct Courier {
    pub accounts: Accounts,
    pub appearance: SharedAppearance,
    pub transport: Transport,
    pub from: Mailbox,
    /// What links begin with, with a slash at its end.
    pub base: String,
}

impl Courier {
    /// Sends until it is stopped; then what is on its way is finished, or left to whoever comes next.
    pub async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let sending = TaskTracker::new();
        let stop = async { drop(stopped.wait_for(|stop| *stop).await) };
        let take = async {
            let mut is_readable = true;
            // Never closed.
            while let Ok(place) = Arc::clone(&places).acquire_owned().await {
                let next = self.accounts.next_mail().await;
                // Said once, and not every few seconds.
                match (&next, is_readable) {
                    (Err(error), true) => tracing::warn!(%error, "the outbox cannot be read"),
                    (Ok(_), false) => tracing::info!("the outbox can be read again"),
                    _ => {}
                }
                is_readable = next.is_ok();
                match next {
                    Ok(Some(outgoing)) => {
                        let courier = Arc::clone(&self);
                        sending.spawn(async move {
                            courier.deliver(outgoing).await;
                            drop(place);
                        });
                    }
                    Ok(None) => {
                        let _ = time::timeout(LOOK_EVERY, self.accounts.bell.notified()).await;
                    }
                    Err(_) => time::sleep(FAULT_WAIT).await,
                }
            }
        };
        tokio::select! {
            () = take => {}
            () = stop => {}
        }
        sending.close();
        let _ = time::timeout(STOP_WAIT, sending.wait()).await;
    }

    async fn deliver(self: &Arc<Self>, outgoing: Outgoing) {
        let id = outgoing.id;
        match self.send(&outgoing).await {
            Ok(()) => {
                metrics::mail(MailOutcome::Sent);
                tracing::info!(mail = id, "a mail was sent");
                self.settle(&outgoing).await;
            }
            Err(Unsent { failure, error, code }) => {
                let next = self.accounts.mail_failed(&outgoing, failure, error).await;
                let is_over = matches!(next, Ok(None));
                metrics::mail(if is_over { MailOutcome::GivenUp } else { MailOutcome::Postponed });
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

    /// Writes that a mail was sent, again and again as long as it is ours: otherwise it is sent once more.
    async fn settle(&self, outgoing: &Outgoing) {
        let settling = async {
            while let Err(error) = self.accounts.mail_sent(outgoing).await {
                tracing::warn!(mail = outgoing.id, %error, "it could not be written that a mail was sent");
                time::sleep(SETTLE_AGAIN).await;
            }
        };
        let _ = time::timeout(SETTLE_WAIT, settling).await;
    }

    async fn send(self: &Arc<Self>, outgoing: &Outgoing) -> Result<(), Unsent> {
        let unmade = |error: String| Unsent {
            failure: Failure::Passing,
            error,
            code: "it could not be put together".to_owned(),
        };
        // Writing styles into elements takes a core for some milliseconds.
        let (courier, made_of) = (Arc::clone(self), outgoing.clone());
        let message = task::spawn_blocking(move || courier.message(&made_of)).await;
        let message = message.map_err(|error| unmade(error.to_string()))?.map_err(unmade)?;
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

    fn message(&self, outgoing: &Outgoing) -> Result<Message, String> {
        let appearance = self.appearance.current();
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
