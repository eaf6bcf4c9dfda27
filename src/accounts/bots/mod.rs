//! Sign-ups by the form that may be a program's, in numbers. Who is suspected is asked to prove more, and never refused;
//! docs/bots.md tells what is looked at, and what this does not stop.
//!
//! Nothing here looks at accounts, so nothing here tells of any.

mod challenge;
mod pressure;
mod seal;
mod stamp;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::NaiveDateTime;

use self::{
    challenge::Answer,
    pressure::{Fill, MOST_TIMES, Pressure, weigh},
    stamp::FormAge,
};
pub use self::{challenge::Challenge, seal::SealKey};
use super::{
    Accounts,
    audit::Client,
    email::Email,
    limits::{COUNTER_SKEW, Counter, Refusal, Rule, Taken, micros, micros_in, take_all},
    network::Network,
    rejection::Rejection,
};
use crate::store::{self, StoreError};

/// When everybody is asked for more, and for how much. The rules count sign-ups by the form that are let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// For each network: an IPv4 address, or an IPv6 /64.
    pub network: Option<Rule>,
    /// For each domain of addresses from each block of networks: an IPv4 /24, or an IPv6 /48.
    pub block_domain: Option<Rule>,
    /// For each domain of addresses.
    pub domain: Option<Rule>,
    /// For everybody together.
    pub total: Option<Rule>,
    /// Most numbers that a browser tries where there is just enough pressure; half as many on average.
    pub work: u32,
}

/// The rules and the keys. Clones share them.
#[derive(Clone)]
pub struct BotChecks {
    /// `None`: nothing is looked at.
    policy: Option<Arc<Policy>>,
    stamps: SealKey,
    challenges: SealKey,
}

/// What a form says beside what somebody typed.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// When its page was made, as the page had it.
    pub stamp: Option<String>,
    /// Whether an input was filled in that nobody sees.
    pub fills_trap: bool,
    /// The challenge that it came with, and the answer.
    pub challenge: Option<String>,
    pub answer: Option<String>,
}

/// A challenge and its answer, as a client gives them. Clones are of one request.
#[derive(Debug, Clone)]
pub struct ProofOfWork {
    challenge: String,
    answer: String,
    /// By one rule: then the others of this request take it too.
    is_accepted: Arc<AtomicBool>,
}

impl ProofOfWork {
    #[must_use]
    pub fn new(challenge: String, answer: String) -> Self {
        Self { challenge, answer, is_accepted: Arc::default() }
    }
}

/// What a form is asked for before it is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub challenge: Challenge,
    pub reason: Reason,
    /// When the same form would be taken as it is; `None`: waiting does not help.
    pub retry_after: Option<Duration>,
    /// Whether it can be sent without an answer: then the address is proven by mail before anybody is let in.
    pub by_mail: bool,
}

/// Why it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It was not asked before.
    First,
    /// The challenge that came back is too old, was used before, or was made for another address.
    Expired,
    /// The answer is wrong.
    Failed,
    /// There was no answer, and no mail can be sent.
    Unanswered,
}

/// A form that may be let in, by [`Accounts::let_in`].
#[derive(Debug, Clone, Default)]
pub(super) struct Screened {
    counters: Vec<Counter>,
    /// What it is let in for, where there is pressure.
    proof: Option<Proof>,
    address: String,
}

#[derive(Debug, Clone)]
struct Proof {
    salt: String,
    until: NaiveDateTime,
    is_answered: bool,
    pressure: Pressure,
}

impl fmt::Debug for BotChecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BotChecks").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl BotChecks {
    /// `policy`: `None`, and nothing is looked at.
    #[must_use]
    pub fn new(policy: Option<Policy>, stamps: [u8; 32], challenges: [u8; 32]) -> Self {
        Self { policy: policy.map(Arc::new), stamps: SealKey(stamps), challenges: SealKey(challenges) }
    }

    /// What a page says of its age; `None` where nobody looks at it.
    #[must_use]
    pub fn stamp(&self, now: NaiveDateTime) -> Option<String> {
        self.policy.is_some().then(|| stamp::make(&self.stamps, now))
    }

    fn ask(&self, policy: &Policy, address: &str, percent: u32, now: NaiveDateTime) -> Challenge {
        let most = u64::from(policy.work) * u64::from(percent) / 100;
        challenge::make(&self.challenges, address, u32::try_from(most).unwrap_or(u32::MAX), now)
    }
}

impl Screened {
    /// Whether it came with the proof that it was asked for.
    pub(super) fn is_proven(&self) -> bool {
        self.proof.as_ref().is_some_and(|proof| proof.is_answered)
    }

    /// Whether the address has to be proven before anybody is let in, whatever the settings say.
    pub(super) fn must_prove(&self) -> bool {
        self.proof.as_ref().is_some_and(|proof| !proof.is_answered)
    }
}

impl Accounts {
    /// Whether a form may be let in, without counting anything.
    ///
    /// # Errors
    /// [`Rejection::MoreAsked`]; those of the database.
    pub(super) async fn screen(
        &self,
        evidence: Option<&Evidence>,
        email: Option<&Email>,
        client: &Client,
    ) -> Result<Screened, Rejection> {
        let (Some(policy), Some(evidence), Some(email)) = (self.bots.policy.clone(), evidence, email) else {
            return Ok(Screened::default());
        };
        let now = self.clock.now();
        let counters = self.bot_counters(&policy, email, client);
        let address = email.as_str().to_owned();
        let age = stamp::age(&self.bots.stamps, evidence.stamp.as_deref(), now);
        // Where that is used up, the form is asked for more, and not refused.
        let shared = self.limits.policy().and_then(|policy| policy.sign_up.total);
        let shared = shared.map(|rule| self.limits.counter(&rule, &[]));
        let fills = self.fills(&[counters.as_slice(), shared.as_slice()].concat()).await?;
        // Then a mail is no way out: they are what it bounds.
        let by_mail = self.rules.sends_mail && !(shared.is_some() && fills.last().is_some_and(Fill::is_over));
        let Some(pressure) = weigh(age, evidence.fills_trap, &fills) else {
            return Ok(Screened { counters, proof: None, address });
        };
        let (challenge, answer) = (evidence.challenge.as_deref(), evidence.answer.as_deref());
        let reason = match challenge::check(&self.bots.challenges, challenge, answer, &address, now) {
            Answer::Solved { salt, until } => {
                return Ok(Screened {
                    counters,
                    proof: Some(Proof { salt, until, is_answered: true, pressure }),
                    address,
                });
            }
            Answer::Unsolved { salt, until } if by_mail => {
                return Ok(Screened {
                    counters,
                    proof: Some(Proof { salt, until, is_answered: false, pressure }),
                    address,
                });
            }
            Answer::Unsolved { .. } => Reason::Unanswered,
            Answer::Wrong => Reason::Failed,
            Answer::Invalid if challenge.is_some() => Reason::Expired,
            Answer::Invalid => Reason::First,
        };
        Err(self.ask_more(&policy, &address, pressure, (reason, by_mail)))
    }

    /// Counts a form that was found good, and uses up its challenge.
    ///
    /// # Errors
    /// [`Rejection::MoreAsked`] where others came first; those of the database.
    pub(super) async fn let_in(&self, screened: &Screened) -> Result<Taken, Rejection> {
        let Some(policy) =
            self.bots.policy.clone().filter(|_| !screened.counters.is_empty() || screened.proof.is_some())
        else {
            return Ok(Taken::default());
        };
        let (now, counters) = (micros(self.clock.now()), screened.counters.clone());
        let Some(proof) = &screened.proof else {
            let taking = self.taking(move |connection| take_all(connection, &counters, now).map(|()| ((), counters)));
            return match taking.await {
                Ok(((), taken)) => Ok(taken),
                Err(Refusal::Store(error)) => Err(error.into()),
                Err(Refusal::Exceeded { counter, tat, now }) => {
                    // As if it had come a moment later.
                    let fill = Fill::of(&counter, Some(tat), now);
                    let just_enough = Pressure { percent: 100, retry_after: Some(Duration::from_secs(1)) };
                    let pressure = weigh(FormAge::Ordinary, false, &[fill]).unwrap_or(just_enough);
                    Err(self.ask_more(&policy, &screened.address, pressure, (Reason::First, self.rules.sends_mail)))
                }
            };
        };
        if !self.use_once("challenge", &proof.salt, proof.until + COUNTER_SKEW).await? {
            let asked = (Reason::Expired, self.rules.sends_mail);
            return Err(self.ask_more(&policy, &screened.address, proof.pressure, asked));
        }
        // Beyond what is calm, so that the work grows; what does not fit is as much as is counted.
        let beyond = self.taking(move |connection| {
            let mut taken = Vec::with_capacity(counters.len());
            for counter in counters {
                let window = counter.window.saturating_mul(MOST_TIMES);
                let counter = Counter { window, ..counter };
                if store::rate_limits::take(connection, &counter, now)? {
                    taken.push(counter);
                }
            }
            Ok(((), taken))
        });
        Ok(beyond.await?.1)
    }

    /// A new challenge for a form that had one and comes back for another reason, if there is still pressure.
    pub async fn ask_again(&self, evidence: &Evidence, typed: &str, client: &Client) -> Option<Asked> {
        evidence.challenge.as_ref()?;
        let email = Email::parse(typed).ok()?;
        let unproven = Evidence { challenge: None, ..evidence.clone() };
        match self.screen(Some(&unproven), Some(&email), client).await {
            Err(Rejection::MoreAsked(asked)) => Some(*asked),
            _ => None,
        }
    }

    fn bot_counters(&self, policy: &Policy, email: &Email, client: &Client) -> Vec<Counter> {
        let network = client.network();
        let block = network.map(Network::block).unwrap_or_default();
        // Those without a network address, by a socket of another kind, count as one.
        let network = network.map(|network| network.to_string()).unwrap_or_default();
        let domain = email.as_str().rsplit_once('@').map_or("", |(_, domain)| domain);
        let of = |rule: Option<Rule>, subject: &[&str]| rule.map(|rule| self.limits.counter(&rule, subject));
        // Always in this order; see `ActionRules::counters`.
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
            let full = counter.window.saturating_mul(MOST_TIMES);
            let most = now.saturating_add(full).saturating_add(micros_in(COUNTER_SKEW));
            if tat.is_some_and(|tat| tat > most) {
                // Left behind by a clock that has been set back since.
                let counter = counter.clone();
                let write = move |connection: &mut store::AnyConnection| {
                    store::rate_limits::draw_back(connection, &counter, most, now.saturating_add(full))
                };
                self.database.write(write).await?;
            }
        }
        Ok(counters.iter().zip(tats).map(|(counter, tat)| Fill::of(counter, tat, now)).collect())
    }

    /// A challenge for whatever `subject` names; `None` where nothing is looked at.
    pub(super) fn ask_work(&self, subject: &str, retry_after: Duration, reason: Reason) -> Option<Asked> {
        let policy = self.bots.policy.as_ref()?;
        let challenge = self.bots.ask(policy, subject, 100, self.clock.now());
        Some(Asked { challenge, reason, retry_after: Some(retry_after), by_mail: false })
    }

    /// Whether this answers a challenge of [`Self::ask_work`]. It is used up by that.
    pub(super) async fn accepts(&self, given: &ProofOfWork, subject: &str) -> Result<bool, StoreError> {
        if given.is_accepted.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let now = self.clock.now();
        let answer = challenge::check(&self.bots.challenges, Some(&given.challenge), Some(&given.answer), subject, now);
        match answer {
            Answer::Solved { salt, until } if self.bots.policy.is_some() => {
                let is_first = self.use_once("challenge", &salt, until + COUNTER_SKEW).await?;
                given.is_accepted.store(is_first, Ordering::Relaxed);
                Ok(is_first)
            }
            _ => Ok(false),
        }
    }

    /// Whether forms are looked at.
    pub(super) fn asks_forms(&self) -> bool {
        self.bots.policy.is_some()
    }

    fn ask_more(
        &self,
        policy: &Policy,
        address: &str,
        pressure: Pressure,
        (reason, by_mail): (Reason, bool),
    ) -> Rejection {
        let challenge = self.bots.ask(policy, address, pressure.percent, self.clock.now());
        tracing::info!(?reason, work = challenge.most, "a sign-up is asked for more");
        let asked = Asked { challenge, reason, retry_after: pressure.retry_after, by_mail };
        Rejection::MoreAsked(Box::new(asked))
    }
}
