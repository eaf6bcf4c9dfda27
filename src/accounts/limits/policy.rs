//! The rules of each kind of attempt.

use crate::domain::{
    network::Network,
    rate::{Counter, CounterKey, Rule},
};

/// The rules for one kind of attempt; `None`: there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ActionRules {
    /// For each network: an IPv4 address, or an IPv6 /64.
    pub network: Option<Rule>,
    /// For each block of networks: an IPv4 /24, or an IPv6 /48. Far lower than [`Self::total`], so that no block alone uses
    /// that up.
    pub block: Option<Rule>,
    /// For each network on one account.
    pub pair: Option<Rule>,
    /// For each block on one account. Lower than [`Self::account`], so that no block alone uses that up.
    pub block_pair: Option<Rule>,
    /// For each account, whether or not there is one: the canonical identifier that was typed, or the mailbox that a mail is
    /// asked for.
    pub account: Option<Rule>,
    /// For everybody together.
    pub total: Option<Rule>,
}

/// Every rule there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateLimitPolicy {
    /// Sign-ups that pass the rules of the form, whether or not the identifier is taken.
    pub sign_up: ActionRules,
    /// Logins that fail.
    pub login: ActionRules,
    /// Logins that fail in a browser that has been signed in to the account before, instead of those above.
    pub device: Option<Rule>,
    /// Wrong current passwords of somebody who is signed in, for each account.
    pub current_password: Option<Rule>,
    /// Mails to a new address of an account.
    pub change_email: ActionRules,
    /// The same, for each account that asks.
    pub change_email_user: Option<Rule>,
    /// Wrong passwords beside a mailed link, for each account: by a client that has the mail.
    pub link_password: Option<Rule>,
    /// Changes of name, address or password, for each account.
    pub change: Option<Rule>,
    /// Exports, for each account.
    pub export: Option<Rule>,
    pub forgot_password: ActionRules,
    /// Mails that prove an address, asked for again.
    pub resend: ActionRules,
    /// Links and codes that are tried, of proofs and of new passwords.
    pub verify: ActionRules,
}

impl ActionRules {
    /// What an attempt takes from. Always in this order, so that two transactions never wait for each other; the row
    /// that everybody takes from comes last, and is held for the shortest time.
    #[must_use]
    pub fn counters(&self, key: &CounterKey, network: Option<Network>, account: Option<&str>) -> Vec<Counter> {
        // Those without a network address, by a socket of another kind, count as one.
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
