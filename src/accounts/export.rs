//! The export of a user's stored data.
//!
//! The audit log is read page by page, each after the client has received the previous one. So an export needs little
//! memory, and no database connection while its client reads.

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

/// Audit lines per page.
const PAGE: i64 = 100;
/// Maximum audit lines of an export, newest first: more than an account may have ([`super::audit_bounds`]).
const MAX_LINES: i64 = 10_000;
/// Maximum duration of an export. A client that stops reading is disconnected earlier (`server/peer.rs`), unless it
/// uses HTTP/2 and continues to send requests.
const MAX_DURATION: Duration = Duration::from_mins(1);
/// One concurrent export per account. After a crash of its instance an export counts for this long: more than
/// [`MAX_DURATION`] and the minute of refund retries.
const UNDER_WAY: Rule = Rule { name: "export_under_way", limit: 1, per: TimeDelta::minutes(3) };

/// The stored data of a user, without secrets.
#[derive(Debug)]
pub struct Export {
    /// UTC.
    pub made_at: NaiveDateTime,
    pub language: Option<String>,
    /// The unverified new address.
    pub pending_email: Option<String>,
    pub sessions: Vec<SessionInfo>,
    /// Audit log, newest first. Truncated if it ends without a last page.
    pub activity: mpsc::Receiver<Page>,
}

/// A page of the audit log.
#[derive(Debug)]
pub struct Page {
    pub entries: Vec<Entry>,
    pub is_last: bool,
}

impl Accounts {
    /// Starts an export and records it in the audit log.
    ///
    /// # Errors
    /// [`Rejection::TooMany`] during another export of the account, or after too many;
    /// [`Rejection::Work`] if this instance runs too many exports.
    pub async fn export(&self, signed_in: &SignedIn, client: &Client) -> Result<Export, Rejection> {
        let (begin, beginning) = oneshot::channel();
        // In its own task, which refunds the limits even if the client disconnects.
        tokio::spawn(self.clone().run_export(signed_in.clone(), client.clone(), begin).in_current_span());
        beginning.await.unwrap_or_else(|_| Err(StoreError::Fault("export task ended without a result".into()).into()))
    }

    async fn run_export(self, signed_in: SignedIn, client: Client, begin: oneshot::Sender<Result<Export, Rejection>>) {
        let under_way = self.limiter.counter(&UNDER_WAY, &[&signed_in.account().id.to_string()]);
        let (pages, activity) = mpsc::channel(1);
        match self.begin_export(&signed_in, &under_way, activity, &client).await {
            Ok((permit, export)) => {
                // After a disconnect the pages have no receiver either.
                let _ = begin.send(Ok(export));
                self.send_pages(&signed_in, pages, self.limiter.consumed(vec![under_way])).await;
                drop(permit);
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
        // Before the queue: repeated requests of one account must not delay others.
        let consumed = self.consume_export(signed_in.account().id, under_way).await?;
        let begun = self.collect(signed_in, activity, client).await;
        match &begun {
            Ok(_) => consumed.count(),
            Err(_) => consumed.refund().await,
        }
        begun
    }

    async fn consume_export(&self, user_id: i64, under_way: &Counter) -> Result<Consumed, Rejection> {
        let rate = self.limiter.of_account(self.limiter.policy().and_then(|policy| policy.export), user_id);
        self.limiter.check_refusals(&rate)?;
        let counters = [vec![under_way.clone()], rate].concat();
        match self.limiter.consume_all(counters).await {
            Ok(consumed) => Ok(consumed),
            Err(refusal) => {
                let error = self.limiter.refuse(refusal, None).await;
                // The running export may end at any time, on any instance.
                self.limiter.forget_refusals(std::slice::from_ref(under_way));
                Err(error.into())
            }
        }
    }

    async fn collect(
        &self,
        signed_in: &SignedIn,
        activity: mpsc::Receiver<Page>,
        client: &Client,
    ) -> Result<(OwnedSemaphorePermit, Export), Rejection> {
        let (id, language) = (signed_in.account().id, signed_in.user.language.clone());
        let permit = self.exports.acquire().await?;
        self.writer.change(client, move |change| change.record(Event::DataExported, true, id)).await?;
        let (pending_email, sessions) = (self.pending_email(signed_in).await?, self.sessions(signed_in).await?);
        Ok((permit, Export { made_at: self.clock().now(), language, pending_email, sessions, activity }))
    }

    /// Sends pages until the last one, a disconnect or the timeout.
    async fn send_pages(&self, signed_in: &SignedIn, pages: mpsc::Sender<Page>, under_way: Consumed) {
        let mut under_way = Some(under_way);
        let sending = async {
            let (mut next, mut lines) = (Some(Before::end()), 0);
            while let Some(before) = next {
                // Read a page only when the channel has room.
                let Ok(slot) = pages.reserve().await else { return };
                let read = match self.activity_before(signed_in, before, PAGE).await {
                    Ok(read) => read,
                    Err(error) => return tracing::warn!(%error, "export truncated"),
                };
                lines += PAGE;
                next = read.next.filter(|_| lines < MAX_LINES);
                if next.is_none()
                    && let Some(under_way) = under_way.take()
                {
                    // With the last page a client may request a new export.
                    under_way.refund().await;
                }
                slot.send(Page { entries: read.entries, is_last: next.is_none() });
            }
        };
        if time::timeout(MAX_DURATION, sending).await.is_err() {
            tracing::info!("export truncated: client too slow");
        }
        if let Some(under_way) = under_way {
            under_way.refund().await;
        }
    }
}
