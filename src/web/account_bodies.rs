//! JSON bodies of login, verification, password reset and account.

use serde::Serialize;
use utoipa::ToSchema;

use super::{bodies::time, client::device};
use crate::{
    accounts::{
        export,
        sessions::{SessionInfo, SignedIn},
    },
    domain::{account::Account, audit::Entry},
};

/// Login by email address or username.
#[derive(ToSchema)]
#[schema(example = json!({"identifier": "ada@example.com", "password": "correct-horse-battery"}))]
pub(crate) struct LoginBody {
    /// Email address or username.
    pub identifier: String,
    #[schema(format = Password)]
    pub password: String,
}

/// The password grant of OAuth 2.
#[derive(ToSchema)]
#[schema(example = json!({"username": "ada@example.com", "password": "correct-horse-battery"}))]
pub(crate) struct PasswordGrant {
    /// Email address or username.
    pub username: String,
    #[schema(format = Password)]
    pub password: String,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "access_token": "dGhpcyBpcyBhbiBleGFtcGxlIG9mIDQzIGxldHRlcnM", "token_type": "bearer", "expires_in": 86400
}))]
#[expect(clippy::struct_field_names, reason = "names of RFC 6749")]
pub(crate) struct AccessToken {
    pub access_token: String,
    /// `bearer`.
    #[schema(value_type = String)]
    pub token_type: &'static str,
    /// Lifetime in seconds.
    pub expires_in: i64,
}

/// Verification by the token of a link, or by the code of the same mail. Clients without the session or cookie of the
/// sign-up also send the password, and with a code the address.
#[derive(ToSchema)]
#[schema(example = json!({
    "token": "dGhpcyBpcyBhbiBleGFtcGxlIG9mIDQzIGxldHRlcnM", "password": "correct-horse-battery"
}))]
pub(crate) struct Verification {
    pub token: Option<String>,
    /// Six digits.
    pub code: Option<String>,
    pub email: Option<String>,
    #[schema(format = Password)]
    pub password: Option<String>,
}

#[derive(ToSchema)]
#[schema(example = json!({"email": "ada@example.com"}))]
pub(crate) struct ResendBody {
    /// Required without a session; default: the address of the session's account.
    #[schema(max_length = 254)]
    pub email: Option<String>,
}

#[derive(ToSchema)]
#[schema(example = json!({"email": "ada@example.com"}))]
pub(crate) struct AddressBody {
    #[schema(max_length = 254)]
    pub email: String,
}

#[derive(ToSchema)]
#[schema(example = json!({
    "token": "dGhpcyBpcyBhbiBleGFtcGxlIG9mIDQzIGxldHRlcnM", "password": "correct-horse-battery"
}))]
pub(crate) struct NewPassword {
    pub token: String,
    /// Same rules as at sign-up.
    #[schema(format = Password, max_length = 128)]
    pub password: String,
}

/// Changes to the account; absent members stay unchanged.
#[derive(ToSchema)]
#[schema(example = json!({
    "full_name": "Ada King", "email": "ada.king@example.com", "current_password": "correct-horse-battery"
}))]
pub(crate) struct AccountChanges {
    /// `null` removes it.
    #[schema(max_length = 120)]
    pub full_name: Option<String>,
    /// A mail is sent there; its link makes the change effective.
    #[schema(max_length = 254)]
    pub email: Option<String>,
    /// Same rules as at sign-up. Revokes all other sessions.
    #[schema(format = Password, max_length = 128)]
    pub password: Option<String>,
    /// Required to change the address or password.
    #[schema(format = Password)]
    pub current_password: Option<String>,
}

#[derive(ToSchema)]
#[schema(example = json!({"current_password": "correct-horse-battery"}))]
pub(crate) struct Confirmation {
    #[schema(format = Password)]
    pub current_password: String,
}

/// The signed-in account.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 1, "email": "ada@example.com", "username": null, "full_name": "Ada Lovelace", "is_active": true,
    "is_verified": true, "created_at": "2026-05-02T12:00:00Z", "pending_email": null
}))]
pub(crate) struct Me {
    pub id: i64,
    #[schema(required = true)]
    pub email: Option<String>,
    #[schema(required = true)]
    pub username: Option<String>,
    #[schema(required = true)]
    pub full_name: Option<String>,
    pub is_active: bool,
    pub is_verified: bool,
    /// UTC.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// The new address, until its link is used.
    #[schema(required = true)]
    pub pending_email: Option<String>,
}

/// A session of the account.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 7, "is_current": true, "kind": "browser", "device": "Firefox, Linux",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "peer": "192.0.2.7",
    "created_at": "2026-05-02T12:00:00Z", "last_seen_at": "2026-05-02T12:30:00Z", "expires_at": "2026-07-01T12:00:00Z"
}))]
pub(crate) struct SessionBody {
    pub id: i64,
    /// Whether the request uses it.
    pub is_current: bool,
    /// `browser` or `token`.
    #[schema(value_type = String)]
    pub kind: &'static str,
    /// Such as `Firefox, Linux`; empty if unknown.
    pub device: String,
    #[schema(required = true)]
    pub user_agent: Option<String>,
    /// Network address.
    #[schema(required = true)]
    pub peer: Option<String>,
    #[schema(format = DateTime)]
    pub created_at: String,
    #[schema(format = DateTime)]
    pub last_seen_at: String,
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// All stored data of an account except secrets.
#[derive(Serialize, ToSchema)]
pub(crate) struct Export {
    #[schema(format = DateTime)]
    pub exported_at: String,
    pub account: Me,
    /// Language of mails.
    #[schema(required = true)]
    pub language: Option<String>,
    pub sessions: Vec<SessionBody>,
    /// Newest first.
    pub activity: Vec<Activity>,
}

/// An audit log entry.
#[derive(Serialize, ToSchema)]
pub(crate) struct Activity {
    /// Such as `login` or `password_changed`.
    pub event: String,
    pub succeeded: bool,
    #[schema(format = DateTime)]
    pub at: String,
    #[schema(required = true)]
    pub peer: Option<String>,
    #[schema(required = true)]
    pub user_agent: Option<String>,
}

impl Me {
    #[must_use]
    pub(crate) fn new(account: &Account, pending_email: Option<String>) -> Self {
        let Account { id, email, username, full_name, is_active, is_verified, created_at, .. } = account.clone();
        Self { id, email, username, full_name, is_active, is_verified, created_at: time(created_at), pending_email }
    }
}

impl From<SessionInfo> for SessionBody {
    fn from(session: SessionInfo) -> Self {
        Self {
            id: session.id,
            is_current: session.is_current,
            kind: session.kind.into(),
            device: device(session.user_agent.as_deref().unwrap_or_default()),
            user_agent: session.user_agent,
            peer: session.peer,
            created_at: time(session.created_at),
            last_seen_at: time(session.last_seen_at),
            expires_at: time(session.expires_at),
        }
    }
}

impl Export {
    /// Without `activity`, which is streamed (`account_export.rs`).
    #[must_use]
    pub(crate) fn without_activity(signed_in: &SignedIn, export: &export::Export) -> Self {
        Self {
            exported_at: time(export.made_at),
            account: Me::new(signed_in.account(), export.pending_email.clone()),
            language: export.language.clone(),
            sessions: export.sessions.iter().cloned().map(SessionBody::from).collect(),
            activity: Vec::new(),
        }
    }
}

impl From<Entry> for Activity {
    fn from(entry: Entry) -> Self {
        let Entry { event, succeeded, peer, user_agent, at } = entry;
        Self { event, succeeded, at: time(at), peer, user_agent }
    }
}
