//! The client of a request.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::{known_devices::Devices, network::Network};

/// Longest stored `User-Agent`, in characters.
const USER_AGENT_CHARACTERS: usize = 256;

#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Network address.
    pub peer: Option<String>,
    pub user_agent: Option<String>,
    /// Language of mails, as a language tag.
    pub language: Option<String>,
    /// Content of the device cookie.
    pub devices: Devices,
    /// Submitted proof of work.
    pub proof: Option<ProofOfWork>,
}

impl Client {
    /// `user_agent`: as sent; control and format characters are removed and it is truncated.
    #[must_use]
    pub fn new(peer: Option<String>, user_agent: Option<&str>, language: &str) -> Self {
        let user_agent = user_agent
            .map(|text| text.chars().filter(|c| !is_unseen(*c)).take(USER_AGENT_CHARACTERS).collect::<String>())
            .filter(|text| !text.is_empty());
        Self { peer, user_agent, language: Some(language.to_owned()), ..Self::default() }
    }

    /// The network by which limits count.
    #[must_use]
    pub fn network(&self) -> Option<Network> {
        Network::of_peer(self.peer.as_deref())
    }
}

/// Control and format characters, such as bidirectional overrides.
fn is_unseen(c: char) -> bool {
    matches!(c.general_category(), GeneralCategory::Control | GeneralCategory::Format)
}

/// A challenge and its answer as submitted. Clones belong to one request.
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

    /// Makes the other limits of this request accept it too.
    pub fn set_accepted(&self) {
        self.is_accepted.store(true, Ordering::Relaxed);
    }
}
