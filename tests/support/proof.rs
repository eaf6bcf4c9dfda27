//! The proof of work, as a browser or an API client solves it.

use sha2::{Digest as _, Sha256};

use super::server::{Answer, Page};

/// A challenge, with its answer.
pub struct Proof {
    pub challenge: String,
    pub answer: String,
    pub most: u32,
}

impl Proof {
    fn find(challenge: &str, salt: &str, target: &str, most: u32) -> Self {
        let is_it = |number: &u32| {
            let hash = Sha256::digest(format!("{salt}{number:08x}"));
            let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
            digits.map(|digit| char::from_digit(digit.into(), 16).expect("a digit")).eq(target.chars())
        };
        let answer = (0..=most).find(is_it).expect("an answer").to_string();
        Self { challenge: challenge.to_owned(), answer, most }
    }

    /// Solves the challenge of a form.
    #[track_caller]
    pub fn solve(page: &Page) -> Self {
        let data = |name: &str| page.attribute(".proof", name).expect("an attribute");
        let challenge = page.attribute("input[name=proof]", "value").expect("a challenge");
        let most = data("data-most").parse().expect("a number");
        Self::find(&challenge, &data("data-salt"), &data("data-target"), most)
    }

    /// Solves the challenge of the response header; `None` without a challenge.
    pub fn asked(answer: &Answer) -> Option<Self> {
        let parts: Vec<&str> = answer.header("vestibule-challenge").split(' ').collect();
        let [challenge, salt, target, most] = parts.as_slice() else { return None };
        Some(Self::find(challenge, salt, target, most.parse().expect("a number")))
    }

    /// The value of the request header.
    pub fn header(&self) -> String {
        format!("{} {}", self.challenge, self.answer)
    }

    pub fn wrong(&self) -> String {
        (self.answer.parse::<u32>().expect("a number") + 1).to_string()
    }
}
