//! Bot checks of sign-ups by form. A suspicious form is challenged, never refused; docs/bots.md has the signals and the
//! limitations.
//!
//! No check reads accounts, so no response depends on them.

mod challenge;
mod form_timestamp;
mod load;
mod seal;

use std::{fmt, sync::Arc, time::Duration};

use chrono::NaiveDateTime;

use self::{
    challenge::Answer,
    form_timestamp::FormAge,
    load::{Fill, Load, MAX_FACTOR, assess},
};
pub use self::{challenge::Challenge, seal::SealKey};
use super::limits::{Consumed, RateLimiter, Refusal};
use crate::{
    domain::{
        client::{Client, ProofOfWork},
        clock::Clock,
        email::Email,
        network::Network,
        rate::{COUNTER_SKEW, Counter, Rule, micros, micros_in},
    },
    store::{self, AnyConnection, Database, StoreError},
};

/// The load above which every form is challenged, and the work of a challenge. The rules count sign-ups by form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotCheckPolicy {
    /// For each network: an IPv4 address, or an IPv6 /64.
    pub network: Option<Rule>,
    /// For each email domain and block of networks: an IPv4 /24, or an IPv6 /48.
    pub block_domain: Option<Rule>,
    /// For each email domain.
    pub domain: Option<Rule>,
    /// For all clients together.
    pub total: Option<Rule>,
    /// Maximum hashes of a challenge at the lowest load; half as many on average.
    pub work: u32,
}

/// The policy, its keys and its counters. Clones share all state.
#[derive(Clone)]
pub struct BotChecks {
    /// `None`: disabled.
    policy: Option<Arc<BotCheckPolicy>>,
    timestamps: SealKey,
    challenges: SealKey,
    limiter: RateLimiter,
    database: Database,
    clock: Clock,
    /// Whether an address can be verified by mail instead of a proof of work.
    sends_mail: bool,
}

/// The fields of a form that users do not type.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The sealed timestamp of its page.
    pub timestamp: Option<String>,
    /// Whether the hidden input is filled in.
    pub fills_honeypot: bool,
    /// The returned challenge and its answer.
    pub challenge: Option<String>,
    pub answer: Option<String>,
}

/// A challenge as response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenged {
    pub challenge: Challenge,
    pub reason: ChallengeReason,
    /// When the same form would be accepted without an answer; `None`: waiting does not help.
    pub retry_after: Option<Duration>,
    /// Whether the form may be sent without an answer: a login then requires verification by mail.
    pub by_mail: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeReason {
    /// No challenge was returned.
    First,
    /// The returned challenge is expired, used, or for another address.
    Expired,
    /// The answer is wrong.
    Failed,
    /// No answer, and verification by mail is unavailable.
    Unanswered,
}

/// Why a form is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum BotCheckError {
    #[error("challenged")]
    Challenged(Box<Challenged>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A form that passed [`BotChecks::screen`].
#[derive(Debug, Clone, Default)]
pub(super) struct Screened {
    counters: Vec<Counter>,
    /// The returned challenge, if the load requires one.
    returned: Option<Returned>,
    address: String,
}

#[derive(Debug, Clone)]
struct Returned {
    salt: String,
    until: NaiveDateTime,
    is_solved: bool,
    load: Load,
}

impl fmt::Debug for BotChecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BotChecks").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Screened {
    /// Whether its challenge is solved.
    pub(super) fn is_solved(&self) -> bool {
        self.returned.as_ref().is_some_and(|returned| returned.is_solved)
    }

    /// Whether a login requires a verified address, regardless of the settings.
    pub(super) fn must_verify(&self) -> bool {
        self.returned.as_ref().is_some_and(|returned| !returned.is_solved)
    }
}

impl BotChecks {
    /// `policy`: `None` disables the checks.
    #[must_use]
    pub fn new(
        policy: Option<BotCheckPolicy>,
        (timestamps, challenges): ([u8; 32], [u8; 32]),
        limiter: RateLimiter,
        (database, clock): (Database, Clock),
        sends_mail: bool,
    ) -> Self {
        let (timestamps, challenges) = (SealKey(timestamps), SealKey(challenges));
        Self { policy: policy.map(Arc::new), timestamps, challenges, limiter, database, clock, sends_mail }
    }

    /// Whether forms are checked.
    #[must_use]
    pub fn enabled(&self) -> bool {
        self.policy.is_some()
    }

    /// A sealed timestamp for a page; `None` if checks are disabled.
    #[must_use]
    pub fn timestamp(&self) -> Option<String> {
        self.enabled().then(|| form_timestamp::make(&self.timestamps, self.clock.now()))
    }

    /// Checks a form without counting it.
    ///
    /// # Errors
    /// [`BotCheckError`].
    pub(super) async fn screen(
        &self,
        evidence: Option<&Evidence>,
        email: Option<&Email>,
        client: &Client,
    ) -> Result<Screened, BotCheckError> {
        let (Some(policy), Some(evidence), Some(email)) = (self.policy.clone(), evidence, email) else {
            return Ok(Screened::default());
        };
        let now = self.clock.now();
        let counters = self.counters(&policy, email, client);
        let address = email.as_str().to_owned();
        let age = form_timestamp::age(&self.timestamps, evidence.timestamp.as_deref(), now);
        // If it is used up, the form is challenged instead of refused.
        let shared = self.limiter.policy().and_then(|policy| policy.sign_up.total);
        let shared = shared.map(|rule| self.limiter.counter(&rule, &[]));
        let fills = self.fills(&[counters.as_slice(), shared.as_slice()].concat()).await?;
        // Then mail is no alternative: this rule limits mails.
        let by_mail = self.sends_mail && !(shared.is_some() && fills.last().is_some_and(Fill::is_exceeded));
        let Some(load) = assess(age, evidence.fills_honeypot, &fills) else {
            return Ok(Screened { counters, returned: None, address });
        };
        let (challenge, answer) = (evidence.challenge.as_deref(), evidence.answer.as_deref());
        let accepted = |salt, until, is_solved| {
            let returned = Some(Returned { salt, until, is_solved, load });
            Ok(Screened { counters, returned, address: address.clone() })
        };
        let reason = match challenge::check(&self.challenges, challenge, answer, &address, now) {
            Answer::Solved { salt, until } => return accepted(salt, until, true),
            Answer::Unsolved { salt, until } if by_mail => return accepted(salt, until, false),
            Answer::Unsolved { .. } => ChallengeReason::Unanswered,
            Answer::Wrong => ChallengeReason::Failed,
            Answer::Invalid if challenge.is_some() => ChallengeReason::Expired,
            Answer::Invalid => ChallengeReason::First,
        };
        Err(self.challenge(&policy, &address, load, (reason, by_mail)))
    }

    /// Counts a screened form and uses up its challenge.
    ///
    /// # Errors
    /// [`BotCheckError`] if concurrent requests used up a counter or the challenge.
    pub(super) async fn accept(&self, screened: &Screened) -> Result<Consumed, BotCheckError> {
        let is_empty = screened.counters.is_empty() && screened.returned.is_none();
        let Some(policy) = self.policy.as_ref().filter(|_| !is_empty) else { return Ok(Consumed::default()) };
        let Some(returned) = &screened.returned else {
            return match self.limiter.consume_all(screened.counters.clone()).await {
                Ok(consumed) => Ok(consumed),
                Err(Refusal::Store(error)) => Err(error.into()),
                Err(Refusal::Exceeded { counter, tat, now }) => {
                    // As if screened a moment later.
                    let fill = Fill::of(&counter, Some(tat), now);
                    let lowest = Load { percent: 100, retry_after: Some(Duration::from_secs(1)) };
                    let load = assess(FormAge::Normal, false, &[fill]).unwrap_or(lowest);
                    Err(self.challenge(policy, &screened.address, load, (ChallengeReason::First, self.sends_mail)))
                }
            };
        };
        if !self.limiter.use_once("challenge", &returned.salt, returned.until + COUNTER_SKEW).await? {
            let challenged = (ChallengeReason::Expired, self.sends_mail);
            return Err(self.challenge(policy, &screened.address, returned.load, challenged));
        }
        Ok(self.count_beyond(screened.counters.clone()).await?)
    }

    /// Counts a form above the limit, so that the work grows with the load. A full counter is unchanged.
    async fn count_beyond(&self, counters: Vec<Counter>) -> Result<Consumed, StoreError> {
        let now = micros(self.clock.now());
        let beyond = self.limiter.consume_in(move |connection| {
            let mut consumed = Vec::with_capacity(counters.len());
            for counter in counters {
                let window = counter.window.saturating_mul(MAX_FACTOR);
                let counter = Counter { window, ..counter };
                if store::rate_limits::consume(connection, &counter, now)? {
                    consumed.push(counter);
                }
            }
            Ok(((), consumed))
        });
        match beyond.await {
            Ok(((), consumed)) => Ok(consumed),
            Err(Refusal::Store(error)) => Err(error),
            Err(Refusal::Exceeded { .. }) => Ok(Consumed::default()),
        }
    }

    /// A new challenge for a form that had one and is returned for another reason, if still required.
    pub async fn challenge_again(&self, evidence: &Evidence, typed: &str, client: &Client) -> Option<Challenged> {
        evidence.challenge.as_ref()?;
        let email = Email::parse(typed).ok()?;
        let unanswered = Evidence { challenge: None, ..evidence.clone() };
        match self.screen(Some(&unanswered), Some(&email), client).await {
            Err(BotCheckError::Challenged(challenged)) => Some(*challenged),
            _ => None,
        }
    }

    /// A challenge bound to a subject other than a form; `None` if checks are disabled.
    pub(super) fn challenge_for(
        &self,
        subject: &str,
        retry_after: Duration,
        reason: ChallengeReason,
    ) -> Option<Challenged> {
        let challenge = self.make_challenge(self.policy.as_ref()?, subject, 100);
        Some(Challenged { challenge, reason, retry_after: Some(retry_after), by_mail: false })
    }

    /// Whether the proof solves a challenge of [`Self::challenge_for`]; uses up the challenge.
    ///
    /// # Errors
    /// Database errors.
    pub(super) async fn accepts(&self, proof: &ProofOfWork, subject: &str) -> Result<bool, StoreError> {
        if proof.is_accepted() {
            return Ok(true);
        }
        let now = self.clock.now();
        let answer = challenge::check(&self.challenges, Some(proof.challenge()), Some(proof.answer()), subject, now);
        match answer {
            Answer::Solved { salt, until } if self.enabled() => {
                let is_first = self.limiter.use_once("challenge", &salt, until + COUNTER_SKEW).await?;
                if is_first {
                    proof.set_accepted();
                }
                Ok(is_first)
            }
            _ => Ok(false),
        }
    }

    fn counters(&self, policy: &BotCheckPolicy, email: &Email, client: &Client) -> Vec<Counter> {
        let network = client.network();
        let block = network.map(Network::block).unwrap_or_default();
        // Clients without a network address (other kinds of sockets) count as one.
        let network = network.map(|network| network.to_string()).unwrap_or_default();
        let domain = email.as_str().rsplit_once('@').map_or("", |(_, domain)| domain);
        let of = |rule: Option<Rule>, subject: &[&str]| rule.map(|rule| self.limiter.counter(&rule, subject));
        // Fixed order; see `ActionRules::counters`.
        let counters = [
            of(policy.network, &[&network]),
            of(policy.block_domain, &[&block, domain]),
            of(policy.domain, &[domain]),
            of(policy.total, &[]),
        ];
        counters.into_iter().flatten().collect()
    }

    async fn fills(&self, counters: &[Counter]) -> Result<Vec<Fill>, StoreError> {
        let (now, wanted) = (micros(self.clock.now()), counters.to_vec());
        let tats = self.database.run(move |connection| {
            wanted.iter().map(|counter| store::rate_limits::find(connection, counter)).collect::<Result<Vec<_>, _>>()
        });
        let tats = tats.await?;
        for (counter, tat) in counters.iter().zip(&tats) {
            let full = counter.window.saturating_mul(MAX_FACTOR);
            let most = now.saturating_add(full).saturating_add(micros_in(COUNTER_SKEW));
            if tat.is_some_and(|tat| tat > most) {
                // Written before the clock was set back.
                let counter = counter.clone();
                let write = move |connection: &mut AnyConnection| {
                    store::rate_limits::clamp(connection, &counter, most, now.saturating_add(full))
                };
                self.database.write(write).await?;
            }
        }
        Ok(counters.iter().zip(tats).map(|(counter, tat)| Fill::of(counter, tat, now)).collect())
    }

    fn challenge(
        &self,
        policy: &BotCheckPolicy,
        address: &str,
        load: Load,
        (reason, by_mail): (ChallengeReason, bool),
    ) -> BotCheckError {
        let challenge = self.make_challenge(policy, address, load.percent);
        tracing::info!(?reason, work = challenge.most, "sign-up challenged");
        let challenged = Challenged { challenge, reason, retry_after: load.retry_after, by_mail };
        BotCheckError::Challenged(Box::new(challenged))
    }

    fn make_challenge(&self, policy: &BotCheckPolicy, subject: &str, percent: u32) -> Challenge {
        let most = u64::from(policy.work) * u64::from(percent) / 100;
        challenge::make(&self.challenges, subject, u32::try_from(most).unwrap_or(u32::MAX), self.clock.now())
    }
}
