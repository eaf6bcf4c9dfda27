//! What happened to accounts, and from where.

use strum::{EnumCount, IntoStaticStr, VariantArray};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::{bots::ProofOfWork, devices::Devices, network::Network};

/// Longest `User-Agent` that is kept, in characters.
const USER_AGENT_CHARACTERS: usize = 256;

/// Something that happened to an account. Its name, in snake case, is what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumCount, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    AccountRegistered,
    /// Somebody signed up with an address that had an account nobody had proven, or with one that is concealed.
    AccountClaimed,
    EmailVerified,
    Login,
    Logout,
    SessionRevoked,
    PasswordResetRequested,
    PasswordReset,
    PasswordChanged,
    /// The current password was asked for again, and was wrong.
    CurrentPasswordRefused,
    EmailChangeRequested,
    EmailChanged,
    ProfileChanged,
    DataExported,
    AccountDeleted,
    /// Nobody proved the address in time.
    AccountExpired,
}

impl Event {
    /// As it is stored, and as the texts for it are named.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Who is at the other end of the line.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Network address.
    pub peer: Option<String>,
    pub user_agent: Option<String>,
    /// In which mails should be, as a language tag.
    pub language: Option<String>,
    /// The accounts that it has been signed in to.
    pub devices: Devices,
    /// The proof of work that it has computed.
    pub proof: Option<ProofOfWork>,
}

impl Client {
    /// `user_agent` as it was sent: it is cut, and what is no text is taken out of it.
    #[must_use]
    pub fn new(peer: Option<String>, user_agent: Option<&str>, language: &str) -> Self {
        let user_agent = user_agent
            .map(|text| text.chars().filter(|c| !is_unseen(*c)).take(USER_AGENT_CHARACTERS).collect::<String>())
            .filter(|text| !text.is_empty());
        Self { peer, user_agent, language: Some(language.to_owned()), ..Self::default() }
    }

    /// What limits count as one.
    #[must_use]
    pub fn network(&self) -> Option<Network> {
        Network::of_peer(self.peer.as_deref())
    }
}

/// Control characters, and those that turn the text around them.
fn is_unseen(c: char) -> bool {
    matches!(c.general_category(), GeneralCategory::Control | GeneralCategory::Format)
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// [`Event::name`]; as text, since a later version may have written it.
    pub event: String,
    pub succeeded: bool,
    pub peer: Option<String>,
    pub user_agent: Option<String>,
    /// UTC.
    pub at: chrono::NaiveDateTime,
}
