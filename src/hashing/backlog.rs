//! Two priorities: logins precede sign-ups, and neither starves.

use std::collections::BTreeMap;

/// Purpose of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashPurpose {
    Login,
    SignUp,
}

/// While both wait, one sign-up follows this many logins.
const LOGINS_PER_SIGN_UP: u32 = 3;

/// Waiting jobs and reserved places. Work is counted in bcrypt rounds, so that an expensive hash counts for more.
#[derive(Debug)]
pub(super) struct Backlog<T> {
    logins: Fifo<T>,
    sign_ups: Fifo<T>,
    next_id: u64,
    logins_in_a_row: u32,
}

/// Oldest first, by ascending id.
#[derive(Debug)]
struct Fifo<T> {
    waiting: BTreeMap<u64, (u64, T)>,
    reserved: usize,
    /// Of waiting jobs and reserved places.
    rounds: u64,
}

impl<T> Backlog<T> {
    pub(super) fn new() -> Self {
        let fifo = || Fifo { waiting: BTreeMap::new(), reserved: 0, rounds: 0 };
        Self { logins: fifo(), sign_ups: fifo(), next_id: 0, logins_in_a_row: 0 }
    }

    fn fifo(&mut self, purpose: HashPurpose) -> &mut Fifo<T> {
        match purpose {
            HashPurpose::Login => &mut self.logins,
            HashPurpose::SignUp => &mut self.sign_ups,
        }
    }

    /// Reserves a place for a later job.
    pub(super) fn reserve(&mut self, purpose: HashPurpose, rounds: u64) {
        let fifo = self.fifo(purpose);
        fifo.reserved += 1;
        fifo.rounds += rounds;
    }

    /// Releases a place.
    pub(super) fn release(&mut self, purpose: HashPurpose, rounds: u64) {
        let fifo = self.fifo(purpose);
        fifo.reserved -= 1;
        fifo.rounds -= rounds;
    }

    /// Appends a job; returns its id for [`Self::cancel`].
    pub(super) fn push(&mut self, purpose: HashPurpose, rounds: u64, job: T) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        let fifo = self.fifo(purpose);
        fifo.waiting.insert(id, (rounds, job));
        fifo.rounds += rounds;
        id
    }

    /// Removes a job, if it still waits.
    pub(super) fn cancel(&mut self, purpose: HashPurpose, id: u64) -> Option<T> {
        let fifo = self.fifo(purpose);
        let (rounds, job) = fifo.waiting.remove(&id)?;
        fifo.rounds -= rounds;
        Some(job)
    }

    /// Removes the next job; returns it with its rounds.
    pub(super) fn pop(&mut self) -> Option<(u64, T)> {
        let both_wait = !self.logins.waiting.is_empty() && !self.sign_ups.waiting.is_empty();
        let purpose = if self.logins.waiting.is_empty() || both_wait && self.logins_in_a_row >= LOGINS_PER_SIGN_UP {
            HashPurpose::SignUp
        } else {
            HashPurpose::Login
        };
        self.logins_in_a_row = if purpose == HashPurpose::Login && both_wait { self.logins_in_a_row + 1 } else { 0 };
        let fifo = self.fifo(purpose);
        let (_, (rounds, job)) = fifo.waiting.pop_first()?;
        fifo.rounds -= rounds;
        Some((rounds, job))
    }

    /// Removes the newest job, sign-ups first: the one to refuse if there is no time for all.
    pub(super) fn pop_last(&mut self) -> Option<T> {
        let fifo = if self.sign_ups.waiting.is_empty() { &mut self.logins } else { &mut self.sign_ups };
        let (_, (rounds, job)) = fifo.waiting.pop_last()?;
        fifo.rounds -= rounds;
        Some(job)
    }

    /// Number of waiting jobs, without reserved places.
    pub(super) fn waiting(&self, purpose: HashPurpose) -> usize {
        match purpose {
            HashPurpose::Login => self.logins.waiting.len(),
            HashPurpose::SignUp => self.sign_ups.waiting.len(),
        }
    }

    /// Number of waiting jobs and reserved places, of both purposes.
    pub(super) fn expected(&self) -> usize {
        [&self.logins, &self.sign_ups].iter().map(|fifo| fifo.waiting.len() + fifo.reserved).sum()
    }

    /// Rounds of both purposes.
    pub(super) fn rounds(&self) -> u64 {
        self.logins.rounds + self.sign_ups.rounds
    }

    /// Rounds currently ahead of a new job of `rounds` rounds.
    pub(super) fn rounds_before(&self, purpose: HashPurpose, rounds: u64) -> u64 {
        let share = u64::from(LOGINS_PER_SIGN_UP);
        match purpose {
            HashPurpose::Login => self.logins.rounds + self.sign_ups.rounds.min(self.logins.rounds / share),
            HashPurpose::SignUp => {
                self.sign_ups.rounds + self.logins.rounds.min((self.sign_ups.rounds + rounds).saturating_mul(share))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{HashPurpose::*, *};

    fn push(backlog: &mut Backlog<&'static str>, count: u32, purpose: HashPurpose) {
        for _ in 0..count {
            backlog.push(purpose, 10, "job");
        }
    }

    fn order(backlog: &mut Backlog<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| backlog.pop()).map(|(_, name)| name).collect()
    }

    #[test]
    fn logins_go_first_and_every_fourth_job_is_a_sign_up() {
        let mut backlog = Backlog::new();
        for name in ["s1", "s2", "s3"] {
            backlog.push(SignUp, 10, name);
        }
        for name in ["l1", "l2", "l3", "l4", "l5"] {
            backlog.push(Login, 10, name);
        }
        assert_eq!(order(&mut backlog), ["l1", "l2", "l3", "s1", "l4", "l5", "s2", "s3"]);
    }

    #[test]
    fn a_new_job_waits_for_the_jobs_scheduled_before_it() {
        let mut backlog = Backlog::new();
        push(&mut backlog, 12, SignUp);
        assert_eq!(backlog.rounds_before(SignUp, 10), 120);
        assert_eq!(backlog.rounds_before(Login, 10), 0);
        push(&mut backlog, 3, Login);
        assert_eq!(backlog.rounds_before(SignUp, 10), 150);
        assert_eq!(backlog.rounds_before(Login, 10), 40);
        push(&mut backlog, 97, Login);
        assert_eq!(backlog.rounds_before(SignUp, 10), 120 + 3 * 130);
    }

    #[test]
    fn logins_overtake_even_the_first_sign_up() {
        let mut backlog = Backlog::new();
        push(&mut backlog, 5, Login);
        assert_eq!(backlog.rounds_before(SignUp, 10), 30);
    }

    #[test]
    fn reservations_count_as_expected_until_they_are_released() {
        let mut backlog = Backlog::new();
        backlog.reserve(SignUp, 10);
        backlog.push(SignUp, 10, "first");
        assert_eq!((backlog.expected(), backlog.rounds(), backlog.waiting(SignUp)), (2, 20, 1));
        backlog.release(SignUp, 10);
        assert_eq!((backlog.expected(), backlog.rounds(), backlog.waiting(SignUp)), (1, 10, 1));
    }

    #[test]
    fn without_time_the_last_sign_up_is_dropped_first() {
        let mut backlog = Backlog::new();
        backlog.push(Login, 10, "l1");
        backlog.push(SignUp, 10, "s1");
        backlog.push(SignUp, 10, "s2");
        let gone: Vec<_> = std::iter::from_fn(|| backlog.pop_last()).collect();
        assert_eq!(gone, ["s2", "s1", "l1"]);
    }

    proptest! {
        /// Whatever is cancelled in between: each other job is returned once, in order per purpose.
        #[test]
        fn no_job_is_lost(jobs in vec((any::<bool>(), any::<bool>()), 0..40)) {
            let mut backlog = Backlog::new();
            let mut expected = [Vec::new(), Vec::new()];
            for (number, &(is_login, is_cancelled)) in jobs.iter().enumerate() {
                let purpose = if is_login { Login } else { SignUp };
                let id = backlog.push(purpose, 5, (purpose, number));
                if is_cancelled {
                    prop_assert_eq!(backlog.cancel(purpose, id), Some((purpose, number)));
                    prop_assert_eq!(backlog.cancel(purpose, id), None);
                } else {
                    expected[usize::from(is_login)].push(number);
                }
            }
            let mut seen = [Vec::new(), Vec::new()];
            while let Some((_, (purpose, number))) = backlog.pop() {
                seen[usize::from(purpose == Login)].push(number);
            }
            prop_assert_eq!(seen, expected);
            prop_assert_eq!((backlog.expected(), backlog.rounds()), (0, 0));
        }
    }
}
