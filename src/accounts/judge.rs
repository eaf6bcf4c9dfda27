//! Which passwords are easy: those an attacker tries first.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task, time};

use super::password::{Password, Secret, is_made_of};

/// Below this many guesses a password counts as easy. An attacker who may try online, throttled, gets there in
/// days; see "zxcvbn: Low-Budget Password Strength Estimation" (USENIX Security 2016), score 2.
const EASY_GUESSES: u64 = 1_000_000;

/// The estimator's time grows steeply with the length, so longer passwords are judged in pieces of this many
/// characters: easy only if every piece is.
const PIECE: usize = 20;

/// What the estimator does not find of the passwords of twelve characters and more in Django's list of the 20,000 most
/// common (`django/contrib/auth/common-passwords.txt.gz`); one a line, in order.
const COMMON: &str = include_str!("common_passwords.txt");

/// Judges off the async threads, so many at a time and no more: what is made to be hard to judge takes milliseconds a
/// piece (docs/performance.md).
#[derive(Debug, Clone)]
pub struct Judge {
    permits: Arc<Semaphore>,
    max_wait: Duration,
}

/// Why a password was not judged.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// Every thread was taken for as long as a request may wait.
    #[error("no thread to judge a password was free within {} s", .waited.as_secs())]
    Busy { waited: Duration },
    #[error("judging failed: {0}")]
    Failed(String),
}

impl Judge {
    #[must_use]
    pub fn new(threads: usize, max_wait: Duration) -> Self {
        Self { permits: Arc::new(Semaphore::new(threads)), max_wait }
    }

    /// Whether the password is easy.
    ///
    /// # Errors
    /// [`JudgeError::Busy`] after the longest wait; [`JudgeError::Failed`] if judging itself failed.
    pub async fn is_easy(&self, password: &Password) -> Result<bool, JudgeError> {
        let permit = time::timeout(self.max_wait, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| JudgeError::Busy { waited: self.max_wait })?
            .map_err(|error| JudgeError::Failed(error.to_string()))?;
        let text = Secret::new(password.expose().to_owned());
        let span = tracing::Span::current();
        task::spawn_blocking(move || {
            let _permit = permit;
            span.in_scope(|| is_easy(text.expose()))
        })
        .await
        .map_err(|error| JudgeError::Failed(error.to_string()))
    }
}

fn is_easy(text: &str) -> bool {
    if is_made_of(text, &[env!("CARGO_PKG_NAME").to_owned()])
        || COMMON.lines().any(|common| common.eq_ignore_ascii_case(text))
    {
        return true;
    }
    let characters: Vec<char> = text.chars().collect();
    unit(&characters).chunks(PIECE).all(|piece| {
        let piece = Secret::new(piece.iter().collect());
        zxcvbn::zxcvbn(piece.expose(), &[]).guesses() < EASY_GUESSES
    })
}

/// What a text repeats from its beginning to its end, or the text itself.
fn unit(text: &[char]) -> &[char] {
    let period = (1..=text.len() / 2).find(|period| text.iter().zip(text.iter().skip(*period)).all(|(a, b)| a == b));
    period.and_then(|period| text.get(..period)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_easy() {
        for text in [
            "aaaaaaaaaaaaaaa",
            "passwordpassword",
            "password123456789",
            "123456789012",
            "qwertyuiopasdf",
            "iloveyou1234",
            "P@ssw0rd1234",
            "changemechangeme",
            "unbelievable1",
            "abcdefghijklmnop",
            "!@#$%^&*()_+",
            "password!@#$%",
            "aaaaaaaaaaaa!@#$%",
            "1q2w3e4r5t6y7u8i9o",
            "Kartoffelpuffer",
            "vestibule123",
            "Vestibule-Vestibule",
        ] {
            assert!(is_easy(text), "{text}");
        }
        assert!(is_easy(&"password".repeat(16)));
    }

    #[test]
    fn phrases_and_the_seeds_passwords_are_not() {
        for text in [
            "correct-horse-battery",
            "securepassword123",
            "  leading and trailing  ",
            "пароль для входа сюда",
            "鯨が空を飛ぶ夢を見た夜だった",
            "four 🦀 crabs on a beach",
            "e\u{301}toile du matin bleu",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa then something else",
        ] {
            assert!(!is_easy(text), "{text}");
        }
    }

    #[test]
    fn the_list_is_one_password_a_line_in_order() {
        assert!(COMMON.lines().is_sorted() && COMMON.lines().all(|line| line.chars().count() >= 12));
    }
}
