//! Password strength: easy are those an attacker tries first.

use std::{sync::Arc, time::Duration};

use zeroize::Zeroizing;

use crate::{
    domain::{
        password::Password,
        password_similarity::{is_made_of, parts},
        secret::Secret,
    },
    observability::trace,
    threads::{Threads, WorkError},
};

/// A password with fewer guesses is easy. A throttled online attack takes days for them; see "zxcvbn: Low-Budget
/// Password Strength Estimation" (USENIX Security 2016), score 2.
const EASY_GUESSES: u64 = 1_000_000;

/// Characters of a piece. The estimator's time grows steeply with the length, so longer passwords are estimated in
/// pieces: easy only if every piece is.
const PIECE: usize = 20;

/// Passwords of at least twelve characters in Django's list of the 20,000 most common
/// (`django/contrib/auth/common-passwords.txt.gz`) that the estimator misses; one a line, sorted.
const COMMON: &str = include_str!("common_passwords.txt");

/// Estimates on its own threads: the worst case takes milliseconds a piece (docs/performance.md).
#[derive(Debug, Clone)]
pub struct PasswordStrength {
    threads: Threads,
    /// For forms with other errors, so that they do not delay valid ones.
    spare_thread: Threads,
    /// Names of this service, and their parts, in lower case.
    names: Arc<[String]>,
}

/// Maximum wait for the estimate of a form with other errors.
const SPARE_MAX_WAIT: Duration = Duration::from_millis(500);

impl PasswordStrength {
    /// Estimates on `threads` threads; an estimate waits at most `max_wait` for one. `names`: of this service; a
    /// password made of them is easy (OWASP ASVS 5.0, 6.2.11).
    #[must_use]
    pub fn new(threads: usize, max_wait: Duration, names: &[&str]) -> Self {
        let parts = names.iter().flat_map(|name| parts(name));
        let names = names.iter().copied().chain(parts).chain([env!("CARGO_PKG_NAME")]);
        let names = names.map(str::to_lowercase).collect();
        let spare_thread = Threads::new(1, SPARE_MAX_WAIT.min(max_wait));
        Self { threads: Threads::new(threads, max_wait), spare_thread, names }
    }

    /// Starts no further estimates.
    pub fn stop(&self) {
        self.threads.stop();
        self.spare_thread.stop();
    }

    /// As [`Self::is_easy`]; `false` if no thread is free in time.
    ///
    /// # Errors
    /// [`WorkError::Failed`] if the estimate failed.
    pub async fn is_known_to_be_easy(&self, password: &Password) -> Result<bool, WorkError> {
        match self.estimate(&self.spare_thread, password).await {
            Err(WorkError::Busy { .. }) => Ok(false),
            estimated => estimated,
        }
    }

    /// Whether the password is easy.
    ///
    /// # Errors
    /// [`WorkError`] if no thread was free in time.
    pub async fn is_easy(&self, password: &Password) -> Result<bool, WorkError> {
        self.estimate(&self.threads, password).await
    }

    async fn estimate(&self, threads: &Threads, password: &Password) -> Result<bool, WorkError> {
        let (text, names) = (Secret::new(password.expose().to_owned()), Arc::clone(&self.names));
        let is_easy = move || is_easy(text.expose(), &names);
        trace::part("estimate password strength", threads.run("estimate password strength", is_easy)).await
    }
}

/// Whether a password of at most 128 characters is easy for an attacker with these names, in lower case. The worst case
/// takes some milliseconds a piece.
#[must_use]
pub fn is_easy(text: &str, names: &[String]) -> bool {
    if is_made_of(text, names) || COMMON.lines().any(|common| common.eq_ignore_ascii_case(text)) {
        return true;
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let characters: Zeroizing<Vec<char>> = Zeroizing::new(text.chars().collect());
    unit(&characters).chunks(PIECE).all(|piece| {
        let piece = Secret::new(piece.iter().collect());
        zxcvbn::zxcvbn(piece.expose(), &names).guesses() < EASY_GUESSES
    })
}

/// The repeated unit of a text, or the text itself.
fn unit(text: &[char]) -> &[char] {
    let period = (1..=text.len() / 2).find(|period| text.iter().zip(text.iter().skip(*period)).all(|(a, b)| a == b));
    period.and_then(|period| text.get(..period)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commonly_guessed_passwords_are_easy() {
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
            "Vestibule2026!",
            "V3st1bul3_31.12.1999",
        ] {
            assert!(is_easy(text, &["vestibule".to_owned()]), "{text}");
        }
        assert!(is_easy(&"password".repeat(16), &[]));
    }

    #[test]
    fn the_service_name_counts_as_a_dictionary_word() {
        for text in ["VestibulePassword", "Vestibule2026!a", "Vestibuleqwerty"] {
            assert!(is_easy(text, &["vestibule".to_owned()]), "{text}");
        }
        assert!(!is_easy("vestibules full of horses", &["vestibule".to_owned()]));
    }

    #[test]
    fn passphrases_are_not_easy() {
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
            assert!(!is_easy(text, &[]), "{text}");
        }
    }

    #[test]
    fn the_list_of_common_passwords_is_sorted() {
        assert!(COMMON.lines().is_sorted());
        assert!(COMMON.lines().all(|line| line.chars().count() >= 12));
    }
}
