//! Two backlog: who logs in goes before who signs up, and neither waits for ever.

use std::collections::BTreeMap;

/// What a hash is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashPurpose {
    Login,
    SignUp,
}

/// While both wait, one sign-up follows so many log-ins.
const LOGINS_PER_SIGN_UP: u32 = 3;

/// Those who wait, and the places given to those who will. Work is counted in rounds of bcrypt, so that an expensive
/// hash counts for more.
#[derive(Debug)]
pub(super) struct Backlog<T> {
    logins: Line<T>,
    sign_ups: Line<T>,
    next_id: u64,
    logins_in_a_row: u32,
}

/// Oldest first, by a number that grows.
#[derive(Debug)]
struct Line<T> {
    waiting: BTreeMap<u64, (u64, T)>,
    places: usize,
    /// Of those who wait and of the places.
    rounds: u64,
}

impl<T> Backlog<T> {
    pub(super) fn new() -> Self {
        let line = || Line { waiting: BTreeMap::new(), places: 0, rounds: 0 };
        Self { logins: line(), sign_ups: line(), next_id: 0, logins_in_a_row: 0 }
    }

    fn line(&mut self, purpose: HashPurpose) -> &mut Line<T> {
        match purpose {
            HashPurpose::Login => &mut self.logins,
            HashPurpose::SignUp => &mut self.sign_ups,
        }
    }

    /// Keeps a place for work that is not there yet.
    pub(super) fn reserve(&mut self, purpose: HashPurpose, rounds: u64) {
        let line = self.line(purpose);
        line.places += 1;
        line.rounds += rounds;
    }

    /// Gives a place back.
    pub(super) fn release(&mut self, purpose: HashPurpose, rounds: u64) {
        let line = self.line(purpose);
        line.places -= 1;
        line.rounds -= rounds;
    }

    /// Adds to the end; the number is for [`Self::withdraw`].
    pub(super) fn push(&mut self, purpose: HashPurpose, rounds: u64, job: T) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        let line = self.line(purpose);
        line.waiting.insert(id, (rounds, job));
        line.rounds += rounds;
        id
    }

    /// Takes one out of the middle, if it still waits.
    pub(super) fn withdraw(&mut self, purpose: HashPurpose, id: u64) -> Option<T> {
        let line = self.line(purpose);
        let (rounds, job) = line.waiting.remove(&id)?;
        line.rounds -= rounds;
        Some(job)
    }

    /// Whose turn it is, and the rounds it takes.
    pub(super) fn pop(&mut self) -> Option<(u64, T)> {
        let both_wait = !self.logins.waiting.is_empty() && !self.sign_ups.waiting.is_empty();
        let purpose = if self.logins.waiting.is_empty() || both_wait && self.logins_in_a_row >= LOGINS_PER_SIGN_UP {
            HashPurpose::SignUp
        } else {
            HashPurpose::Login
        };
        self.logins_in_a_row = if purpose == HashPurpose::Login && both_wait { self.logins_in_a_row + 1 } else { 0 };
        let line = self.line(purpose);
        let (_, (rounds, job)) = line.waiting.pop_first()?;
        line.rounds -= rounds;
        Some((rounds, job))
    }

    /// The last to have come, sign-ups first: whom to send away when there is no time for all.
    pub(super) fn pop_last(&mut self) -> Option<T> {
        let line = if self.sign_ups.waiting.is_empty() { &mut self.logins } else { &mut self.sign_ups };
        let (_, (rounds, job)) = line.waiting.pop_last()?;
        line.rounds -= rounds;
        Some(job)
    }

    /// Those who wait, without places.
    pub(super) fn waiting(&self, purpose: HashPurpose) -> usize {
        match purpose {
            HashPurpose::Login => self.logins.waiting.len(),
            HashPurpose::SignUp => self.sign_ups.waiting.len(),
        }
    }

    /// Those who wait and the places kept, of both backlog.
    pub(super) fn expected(&self) -> usize {
        [&self.logins, &self.sign_ups].iter().map(|line| line.waiting.len() + line.places).sum()
    }

    /// Rounds of both backlog.
    pub(super) fn rounds(&self) -> u64 {
        self.logins.rounds + self.sign_ups.rounds
    }

    /// Rounds that will be computed before those of somebody who comes now with so many, as things stand.
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
            backlog.push(purpose, 10, "somebody");
        }
    }

    fn order(backlog: &mut Backlog<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| backlog.pop()).map(|(_, name)| name).collect()
    }

    #[test]
    fn log_ins_go_first_and_every_fourth_is_a_sign_up() {
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
    fn who_comes_now_waits_for_what_will_be_taken_before() {
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
    fn log_ins_pass_even_the_first_sign_up() {
        let mut backlog = Backlog::new();
        push(&mut backlog, 5, Login);
        assert_eq!(backlog.rounds_before(SignUp, 10), 30);
    }

    #[test]
    fn places_count_as_waiting_until_they_are_given_back() {
        let mut backlog = Backlog::new();
        backlog.reserve(SignUp, 10);
        backlog.push(SignUp, 10, "first");
        assert_eq!((backlog.expected(), backlog.rounds(), backlog.waiting(SignUp)), (2, 20, 1));
        backlog.release(SignUp, 10);
        assert_eq!((backlog.expected(), backlog.rounds(), backlog.waiting(SignUp)), (1, 10, 1));
    }

    #[test]
    fn when_there_is_no_time_the_last_sign_up_goes_first() {
        let mut backlog = Backlog::new();
        backlog.push(Login, 10, "l1");
        backlog.push(SignUp, 10, "s1");
        backlog.push(SignUp, 10, "s2");
        let gone: Vec<_> = std::iter::from_fn(|| backlog.pop_last()).collect();
        assert_eq!(gone, ["s2", "s1", "l1"]);
    }

    proptest! {
        /// Whatever is withdrawn in between: everyone else comes out once, each line in its order.
        #[test]
        fn nobody_is_lost(jobs in vec((any::<bool>(), any::<bool>()), 0..40)) {
            let mut backlog = Backlog::new();
            let mut expected = [Vec::new(), Vec::new()];
            for (number, &(is_login, leaves)) in jobs.iter().enumerate() {
                let purpose = if is_login { Login } else { SignUp };
                let id = backlog.push(purpose, 5, (purpose, number));
                if leaves {
                    prop_assert_eq!(backlog.withdraw(purpose, id), Some((purpose, number)));
                    prop_assert_eq!(backlog.withdraw(purpose, id), None);
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
