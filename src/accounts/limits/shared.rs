//! Limits that all clients share. Where one is used up, a client is challenged for a proof of work instead of being refused, so
//! that no attacker shuts out the others.

use super::Counter;
use crate::accounts::{Accounts, audit::Client, bots::Reason, rejection::Rejection};

impl Accounts {
    /// The counters without the shared one, where the client has computed a proof of work; it is good for one request.
    ///
    /// # Errors
    /// Those of the database.
    pub(in crate::accounts) async fn without_shared_if_proven(
        &self,
        counters: Vec<Counter>,
        client: &Client,
    ) -> Result<Vec<Counter>, Rejection> {
        let Some(shared) = counters.iter().find(|counter| counter.is_shared) else { return Ok(counters) };
        let Some(given) = &client.proof else { return Ok(counters) };
        if !self.accepts(given, &subject(shared.rule, client)).await? {
            return Ok(counters);
        }
        Ok(without_shared(counters))
    }

    /// The same rejection, but a challenge ([`Rejection::MoreAsked`]) for a shared limit, where challenges are on.
    pub(in crate::accounts) fn or_challenge(&self, rejection: impl Into<Rejection>, client: &Client) -> Rejection {
        match rejection.into() {
            Rejection::TooMany(exceeded) if exceeded.is_shared => {
                let reason = if client.proof.is_some() { Reason::Expired } else { Reason::First };
                match self.ask_work(&subject(exceeded.rule, client), exceeded.retry_after, reason) {
                    Some(asked) => Rejection::MoreAsked(Box::new(asked)),
                    None => exceeded.into(),
                }
            }
            other => other,
        }
    }
}

/// The counters of one client.
pub(in crate::accounts) fn without_shared(mut counters: Vec<Counter>) -> Vec<Counter> {
    counters.retain(|counter| !counter.is_shared);
    counters
}

/// What a proof of work is bound to: a rule, and the client's network.
fn subject(rule: &str, client: &Client) -> String {
    let network = client.network().map(|network| network.to_string()).unwrap_or_default();
    format!("{rule} {network}")
}
