//! Limits for everybody together. Where one is used up, a client is asked for a proof of work instead of being refused, so that
//! nobody closes a door for all.

use super::{Counter, Exceeded};
use crate::accounts::{Accounts, audit::Client, bots::Proven, rejection::Rejection};

impl Accounts {
    /// What a client takes from that may have computed a proof: with one, nothing of what everybody takes from. It is good
    /// once.
    ///
    /// # Errors
    /// Those of the database.
    pub(in crate::accounts) async fn less_shared(
        &self,
        counters: Vec<Counter>,
        client: &Client,
    ) -> Result<Vec<Counter>, Rejection> {
        let Some(shared) = counters.iter().find(|counter| counter.is_shared) else { return Ok(counters) };
        let Some(given) = &client.proof else { return Ok(counters) };
        if !self.accepts(given, &subject(shared.rule, client)).await? {
            return Ok(counters);
        }
        Ok(personal(counters))
    }

    /// [`Rejection::MoreAsked`] for what is used up by everybody, where proofs are asked for.
    pub(in crate::accounts) fn too_many(&self, exceeded: Exceeded, client: &Client) -> Rejection {
        if !exceeded.is_shared {
            return exceeded.into();
        }
        let reason = Proven::reason(client.proof.as_ref());
        match self.ask_work(&subject(exceeded.rule, client), exceeded.retry_after, reason) {
            Some(asked) => Rejection::MoreAsked(Box::new(asked)),
            None => exceeded.into(),
        }
    }
}

/// Those that not everybody takes from.
pub(in crate::accounts) fn personal(mut counters: Vec<Counter>) -> Vec<Counter> {
    counters.retain(|counter| !counter.is_shared);
    counters
}

/// What a proof is good for: a rule, and who asks.
fn subject(rule: &str, client: &Client) -> String {
    let network = client.network().map(|network| network.to_string()).unwrap_or_default();
    format!("{rule} {network}")
}
