//! The client of a request.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::{known_devices::Devices, network::Network};

/// Longest `User-Agent` that is kept, in characters.
const USER_AGENT_CHARACTERS: usize = 256;

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

/// A challenge and its answer, as a client gives them. Clones are of one request.
#[derive(Debug, Clone)]
pub struct ProofOfWork {
    challenge: String,
    answer: String,
    is_accepted: Arc<AtomicBool>,
}

impl ProofOfWork {
    #[must_use]
    pub fn new(challenge: String, answer: String) -> Self {
        Self { challenge, answer, is_accepted: Arc::default() }
    }

    #[must_use]
    pub fn challenge(&self) -> &str {
        &self.challenge
    }

    #[must_use]
    pub fn answer(&self) -> &str {
        &self.answer
    }

    /// Whether a limit of this request has accepted it.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.is_accepted.load(Ordering::Relaxed)
    }

    /// The other limits of this request accept it too.
    pub fn set_accepted(&self) {
        self.is_accepted.store(true, Ordering::Relaxed);
    }
}
