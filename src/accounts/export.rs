//! The export of everything that is stored of a user.
//!
//! It is read a page at a time, the next one once the client has taken the one before. So an export takes little memory however
//! much there is, and no connection to the database while its client reads.

use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc, oneshot},
    time,
};
use tracing::Instrument as _;

use super::{
    Accounts,
    limits::Consumed,
    rejection::Rejection,
    sessions::{SessionInfo, SignedIn},
};
use crate::{
    domain::{
        audit::{Entry, Event},
        client::Client,
        rate::{Counter, Rule},
    },
    store::{StoreError, audit::Before},
};

/// Lines of a page.
const PAGE: i64 = 100;
/// The most lines of the audit log that are given out, the newest: more than an account may have ([`super::audit_bounds`]).
const MOST_LINES: i64 = 10_000;
/// Longest time for an export, however slowly its client reads. A client that takes nothing at all is cut before
/// (`server/peer.rs`), but for one that speaks HTTP/2 and goes on to ask.
const LONGEST: Duration = Duration::from_mins(1);
/// Of each account one is under way at a time. One whose instance was killed counts for so long: longer
/// than an export takes, with the minute in which a refund is tried again.
const UNDER_WAY: Rule = Rule { name: "export_under_way", limit: 1, per: TimeDelta::minutes(3) };

/// Everything that is stored of a user but the secrets.
#[derive(Debug)]
pub struct Export {
    /// UTC.
    pub made_at: NaiveDateTime,
    pub language: Option<String>,
    /// The address that waits for its proof.
    pub pending_email: Option<String>,
    pub sessions: Vec<SessionInfo>,
    /// What happened, newest first. It was cut short where it ends without a last page.
    pub activity: mpsc::Receiver<Page>,
}

/// Some lines of the audit log.
#[derive(Debug)]
pub struct Page {
    pub entries: Vec<Entry>,
    pub is_last: bool,
}

impl Accounts {
    /// Begins an export, and writes a line of it.
    ///
    /// # Errors
    /// [`Rejection::TooMany`] while another one of the account is under way, or after too many of them;
    /// [`Rejection::Work`] where this instance runs too many for all accounts.
    pub async fn export(&self, signed_in: &SignedIn, client: &Client) -> Result<Export, Rejection> {
        let (begin, beginning) = oneshot::channel();
        // By itself: what was taken is refunded also where the client leaves in the middle of it.
        tokio::spawn(self.clone().run_export(signed_in.clone(), client.clone(), begin).in_current_span());
        beginning.await.unwrap_or_else(|_| Err(StoreError::Fault("the export ended before it began".into()).into()))
    }

    async fn run_export(self, signed_in: SignedIn, client: Client, begin: oneshot::Sender<Result<Export, Rejection>>) {
        let under_way = self.limiter.counter(&UNDER_WAY, &[&signed_in.account().id.to_string()]);
        let (pages, activity) = mpsc::channel(1);
        match self.begin_export(&signed_in, &under_way, activity, &client).await {
            Ok((place, export)) => {
                // Its pages are not read either where the client has left.
                let _ = begin.send(Ok(export));
                self.send_pages(&signed_in, pages, self.limiter.consumed(vec![under_way])).await;
                drop(place);
            }
            Err(rejection) => drop(begin.send(Err(rejection))),
        }
    }

    async fn begin_export(
        &self,
        signed_in: &SignedIn,
        under_way: &Counter,
        activity: mpsc::Receiver<Page>,
        client: &Client,
    ) -> Result<(OwnedSemaphorePermit, Export), Rejection> {
        // Before a place is taken: repeated requests of one account keep no other account waiting.
        let consumed = self.consume_export(signed_in.account().id, under_way).await?;
        let begun = self.describe(signed_in, activity, client).await;
        match &begun {
            Ok(_) => consumed.count(),
            Err(_) => consumed.refund().await,
        }
        begun
    }

    async fn consume_export(&self, user_id: i64, under_way: &Counter) -> Result<Consumed, Rejection> {
        let a_few = self.limiter.of_account(self.limiter.policy().and_then(|policy| policy.export), user_id);
        self.limiter.check_refusals(&a_few)?;
        let counters = [vec![under_way.clone()], a_few].concat();
        match self.limiter.consume_all(counters).await {
            Ok(consumed) => Ok(consumed),
            Err(refusal) => {
                let error = self.limiter.refuse(refusal, None).await;
                // The other one may end any moment, and on another instance.
                self.limiter.forget_refusals(std::slice::from_ref(under_way));
                Err(error.into())
            }
        }
    }

    async fn describe(
        &self,
        signed_in: &SignedIn,
        activity: mpsc::Receiver<Page>,
        client: &Client,
    ) -> Result<(OwnedSemaphorePermit, Export), Rejection> {
        let (id, language) = (signed_in.account().id, signed_in.user.language.clone());
        let place = self.exports.enter().await?;
        self.writer.change(client, move |change| change.record(Event::DataExported, true, id)).await?;
        let (pending_email, sessions) = (self.pending_email(signed_in).await?, self.sessions(signed_in).await?);
        Ok((place, Export { made_at: self.clock().now(), language, pending_email, sessions, activity }))
    }

    /// Ends with the last page, with a client that has left, or with the time for it.
    async fn send_pages(&self, signed_in: &SignedIn, pages: mpsc::Sender<Page>, under_way: Consumed) {
        let mut under_way = Some(under_way);
        let sending = async {
            let (mut next, mut lines) = (Some(Before::end()), 0);
            while let Some(before) = next {
                // Nothing is read before there is room for it.
                let Ok(room) = pages.reserve().await else { return };
                let read = match self.activity_before(signed_in, before, PAGE).await {
                    Ok(read) => read,
                    Err(error) => return tracing::warn!(%error, "an export was cut short"),
                };
                lines += PAGE;
                next = read.next.filter(|_| lines < MOST_LINES);
                if next.is_none()
                    && let Some(under_way) = under_way.take()
                {
                    // A client that has all of it may ask for the next one.
                    under_way.refund().await;
                }
                room.send(Page { entries: read.entries, is_last: next.is_none() });
            }
        };
        if time::timeout(LONGEST, sending).await.is_err() {
            tracing::info!("an export was cut short: its client takes too long");
        }
        if let Some(under_way) = under_way {
            under_way.refund().await;
        }
    }
}
