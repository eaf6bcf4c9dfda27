//! Sessions. A session is a row, found by a random token; its end takes effect on all instances at once.

use std::fmt;

use chrono::{NaiveDateTime, TimeDelta};

use super::{Accounts, change::Change, rejection::Rejection};
use crate::{
    domain::{account::Account, audit::Event, client::Client, clock::is_early, session::SessionKind, token::Token},
    store::{self, StoreError, sessions::NewSession, users::User},
};

/// Interval at which the last use is written, instead of once per page.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A signed-in user.
#[derive(Clone)]
pub struct SignedIn {
    pub session_id: i64,
    pub kind: SessionKind,
    /// Whether the sign-up started it, not a login.
    pub is_of_sign_up: bool,
    pub user: User,
}

/// Omits address and hash.
impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}

impl SignedIn {
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.user.account
    }
}

/// A session as shown to its user. Times are UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    pub id: i64,
    pub is_current: bool,
    pub kind: SessionKind,
    pub peer: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: NaiveDateTime,
    pub last_seen_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
}

/// Which sessions to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    One(i64),
    /// All except the current one.
    Others,
}

impl Change<'_> {
    /// Starts a session in the transaction that authenticates its user. At the limit, the least recently used one ends.
    pub(super) fn start_session(&mut self, user_id: i64, kind: SessionKind) -> Result<Token, StoreError> {
        let token = Token::random();
        let lifetime = match kind {
            SessionKind::Browser => self.policy.session_lifetime,
            SessionKind::Token => self.policy.token_lifetime,
        };
        store::sessions::make_room(self.connection, user_id, kind.into())?;
        NewSession {
            token: &token.hash(),
            kind: kind.into(),
            user_id,
            client: &self.client,
            now: self.now,
            expires_at: self.now + lifetime,
        }
        .insert(self.connection)?;
        Ok(token)
    }

    /// Locks the account of a signed-in user. A concurrent password change or disabling has ended the session, which is
    /// then [`Rejection::SignedOut`].
    pub(super) fn lock_signed_in(&mut self, user_id: i64, session_id: i64) -> Result<User, Rejection> {
        let user = store::users::lock(self.connection, user_id)?.filter(|user| user.account.is_active);
        let user = user.ok_or(Rejection::SignedOut)?;
        if store::sessions::is_there(self.connection, user_id, session_id)? {
            Ok(user)
        } else {
            Err(Rejection::SignedOut)
        }
    }
}

impl Accounts {
    /// The live session of a token, if its user may be signed in.
    ///
    /// # Errors
    /// Database errors.
    pub async fn session(&self, token: &Token) -> Result<Option<SignedIn>, StoreError> {
        let (hash, now) = (token.hash(), self.clock().now());
        let idle = self.policy().session_idle;
        let found = self.database().run(move |connection| {
            let Some((session, user)) = store::sessions::find(connection, &hash)? else { return Ok(None) };
            let Some(kind) = parse_kind(&session.kind) else { return Ok(None) };
            let is_idle = kind == SessionKind::Browser && now - session.last_seen_at >= idle;
            if now >= session.expires_at || is_idle || is_early(session.created_at, now) {
                return Ok(None);
            }
            if now - session.last_seen_at >= TOUCH_EVERY
                && let Err(error) = store::sessions::touch(connection, session.id, now)
            {
                // Requests that only read succeed on a read-only database.
                tracing::warn!(%error, "failed to update last use of session");
            }
            // A sign-up writes both rows with one time.
            let is_of_sign_up = session.created_at == user.account.created_at;
            Ok::<_, StoreError>(Some(SignedIn { session_id: session.id, kind, is_of_sign_up, user }))
        });
        Ok(found.await?.filter(|signed_in| self.policy().verification.admits(signed_in.account())))
    }

    /// Ends the current session.
    ///
    /// # Errors
    /// Database errors.
    pub async fn log_out(&self, signed_in: &SignedIn, client: &Client) -> Result<(), StoreError> {
        let (user_id, id) = (signed_in.account().id, signed_in.session_id);
        self.writer
            .change(client, move |change| {
                if store::sessions::end(change.connection, user_id, id)? {
                    change.record(Event::Logout, true, user_id)?;
                }
                Ok(())
            })
            .await
    }

    /// The sessions of the account: the current one, then by last use.
    ///
    /// # Errors
    /// Database errors.
    pub async fn sessions(&self, signed_in: &SignedIn) -> Result<Vec<SessionInfo>, StoreError> {
        let (user_id, current, now) = (signed_in.account().id, signed_in.session_id, self.clock().now());
        let idle_since = now - self.policy().session_idle;
        let rows = self.database().run(move |connection| store::sessions::of_user(connection, user_id, now)).await?;
        let info = |row: store::sessions::Session| {
            let kind = parse_kind(&row.kind)?;
            let is_idle = kind == SessionKind::Browser && row.last_seen_at <= idle_since;
            (!is_idle).then_some(SessionInfo {
                id: row.id,
                is_current: row.id == current,
                kind,
                peer: row.peer,
                user_agent: row.user_agent,
                created_at: row.created_at,
                last_seen_at: row.last_seen_at,
                expires_at: row.expires_at,
            })
        };
        let mut sessions: Vec<SessionInfo> = rows.into_iter().filter_map(info).collect();
        sessions.sort_by_key(|session| !session.is_current);
        Ok(sessions)
    }

    /// Ends sessions of the account; unknown ids and those of other accounts are ignored.
    ///
    /// # Errors
    /// Database errors.
    pub async fn revoke_sessions(&self, signed_in: &SignedIn, which: Which, client: &Client) -> Result<(), Rejection> {
        let (user_id, current) = (signed_in.account().id, signed_in.session_id);
        self.writer
            .change(client, move |change| {
                change.lock_signed_in(user_id, current)?;
                let ended = match which {
                    Which::One(id) => store::sessions::end(change.connection, user_id, id)?,
                    Which::Others => store::sessions::end_all(change.connection, user_id, Some(current))? > 0,
                };
                if ended {
                    change.record(Event::SessionRevoked, true, user_id)?;
                }
                Ok(())
            })
            .await
    }
}

fn parse_kind(stored: &str) -> Option<SessionKind> {
    [SessionKind::Browser, SessionKind::Token].into_iter().find(|kind| <&str>::from(*kind) == stored)
}
