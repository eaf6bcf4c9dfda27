//! The rules of each kind of attempt.

use crate::domain::{
    network::Network,
    rate::{Counter, CounterKey, Rule},
};

/// The rules for one kind of attempt; `None`: no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ActionRules {
    /// For each network: an IPv4 address, or an IPv6 /64.
    pub network: Option<Rule>,
    /// For each block of networks: an IPv4 /24, or an IPv6 /48. Far lower than [`Self::total`], so that no single
    /// block exhausts it.
    pub block: Option<Rule>,
    /// For each network and account.
    pub pair: Option<Rule>,
    /// For each block and account. Lower than [`Self::account`], so that no single block exhausts it.
    pub block_pair: Option<Rule>,
    /// For each account, existing or not: the typed identifier in canonical form, or the mailbox of a requested mail.
    pub account: Option<Rule>,
    /// For all clients together.
    pub total: Option<Rule>,
}

/// All rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateLimitPolicy {
    /// Valid sign-ups, also with a taken identifier.
    pub sign_up: ActionRules,
    /// Failed logins.
    pub login: ActionRules,
    /// Failed logins in a browser known for the account, instead of [`Self::login`].
    pub device: Option<Rule>,
    /// Wrong current passwords of a signed-in user, for each account.
    pub current_password: Option<Rule>,
    /// Mails to a new address of an account.
    pub change_email: ActionRules,
    /// The same, for each requesting account.
    pub change_email_user: Option<Rule>,
    /// Wrong passwords beside a mailed link, for each account.
    pub link_password: Option<Rule>,
    /// Changes of name, address or password, for each account.
    pub change: Option<Rule>,
    /// Exports, for each account.
    pub export: Option<Rule>,
    pub forgot_password: ActionRules,
    /// Repeated verification mails.
    pub resend: ActionRules,
    /// Wrong links and codes of verifications and password resets.
    pub verify: ActionRules,
}

impl ActionRules {
    /// The counters of an attempt. The order is fixed, so that transactions cannot deadlock; the row that all clients
    /// share comes last and is locked for the shortest time.
    #[must_use]
    pub fn counters(&self, key: &CounterKey, network: Option<Network>, account: Option<&str>) -> Vec<Counter> {
        // Clients without a network address (other kinds of sockets) count as one.
        let block = network.map(Network::block).unwrap_or_default();
        let network = network.map(|network| network.to_string()).unwrap_or_default();
        let of = |rule: Option<Rule>, subject: &[&str]| rule.map(|rule| key.counter(&rule, subject));
        let counters = [
            account.and_then(|account| of(self.pair, &[&network, account])),
            account.and_then(|account| of(self.block_pair, &[&block, account])),
            account.and_then(|account| of(self.account, &[account])),
            of(self.network, &[&network]),
            of(self.block, &[&block]),
            of(self.total, &[]),
        ];
        counters.into_iter().flatten().collect()
    }
}
