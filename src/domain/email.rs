//! E-mail addresses in canonical form, as stored, compared and returned.

use email_address::{EmailAddress, Options};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::field_error::FieldError;

/// Longest address in bytes, in canonical form: RFC 5321's 256-octet path less its angle brackets.
pub const MAX_BYTES: usize = 254;

/// Refused characters: legal only inside quotes or comments, and used for header and markup injection.
const REFUSED: &str = "<>()[]:;,\"\\";

/// A canonical address: ASCII letters of the local part in lower case, domain as lower-case A-labels (UTS 46).
/// Two addresses that differ only in case, in surrounding space or in the spelling of the domain are equal.
///
/// Only ASCII is folded in the local part, so that `ı`, `ſ` or the Kelvin sign never match an `i`, `s` or `k`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Parses user input.
    ///
    /// # Errors
    /// `EmailMissing` for white space only, `EmailTooLong` over [`MAX_BYTES`], else `EmailFormat`.
    pub fn parse(typed: &str) -> Result<Self, FieldError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(FieldError::EmailMissing);
        }
        if typed.len() > MAX_BYTES {
            return Err(FieldError::EmailTooLong);
        }
        if typed.chars().any(is_refused) {
            return Err(FieldError::EmailFormat);
        }
        let (local, domain) = typed.split_once('@').ok_or(FieldError::EmailFormat)?;
        let domain = canonical_domain(domain).ok_or(FieldError::EmailFormat)?;
        let address = format!("{}@{domain}", local.to_ascii_lowercase());
        if address.len() > MAX_BYTES {
            return Err(FieldError::EmailTooLong);
        }
        let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
        EmailAddress::parse_with_options(&address, options).map_err(|_| FieldError::EmailFormat)?;
        Ok(Self(address))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }

    /// The domain with U-labels.
    #[must_use]
    pub fn unicode_domain(&self) -> String {
        idna::domain_to_unicode(self.domain()).0
    }

    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

fn is_refused(c: char) -> bool {
    c.is_whitespace()
        || matches!(c.general_category(), GeneralCategory::Control | GeneralCategory::Format)
        || REFUSED.contains(c)
}

/// The A-label form of a host name with a dot; `None` for any other.
fn canonical_domain(typed: &str) -> Option<String> {
    let ascii = Uts46::new()
        .to_ascii(typed.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .ok()?;
    // `to_ascii` maps full-width letters and dots, so the shape is checked after it.
    let (_, last) = ascii.rsplit_once('.')?;
    let is_number = last.bytes().all(|b| b.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    (!is_number).then(|| ascii.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(typed: &str) -> Result<String, FieldError> {
        Email::parse(typed).map(|email| email.0)
    }

    #[test]
    fn spellings_of_one_address_are_one_address() {
        for typed in [
            "Driver@Example.COM",
            "  driver@example.com\t",
            "\u{3000}driver@example.com\n",
            "driver@ＥＸＡＭＰＬＥ.com",
            "driver@example。com",
        ] {
            assert_eq!(parsed(typed).as_deref(), Ok("driver@example.com"), "{typed:?}");
        }
        assert_eq!(parsed("a@bücher.de").as_deref(), Ok("a@xn--bcher-kva.de"));
        assert_eq!(parsed("a@BÜCHER.de"), parsed("a@xn--bcher-kva.de"));
    }

    #[test]
    fn letters_that_look_like_ascii_are_not_converted() {
        for local in ["m\u{131}ke", "\u{17f}am", "\u{212a}ate", "ÉMILE"] {
            let typed = format!("{local}@example.com");
            if let Ok(email) = parsed(&typed) {
                assert_eq!(email, format!("{}@example.com", local.to_ascii_lowercase()));
                assert!(!email.is_ascii());
            }
        }
    }

    #[test]
    fn invalid_addresses_are_refused() {
        for typed in [
            "plain",
            "@example.com",
            "a@",
            "a@b@example.com",
            "a@localhost",
            "a@example.com.",
            "a@example。com。",
            "a@.example.com",
            "a@ex..ample.com",
            "a@-example.com",
            "a@example-.com",
            "a@exa_mple.com",
            "a@b/c.com",
            "a@b&lt.com",
            "a@1.2.3.4",
            "a@example.123",
            "a@example.0x7f",
            "a@[127.0.0.1]",
            "a b@example.com",
            "a\u{0}@example.com",
            "a\u{200b}@example.com",
            "a\u{ad}b@example.com",
            "a@exam\u{ad}ple.com",
            "a\u{202e}@example.com",
            "Bob <a@b.com>",
            "x\r\nBcc: victim@example.com <a@b.com>",
            "a@b.com\r\nBcc: c@d.com",
            "\"<script>alert(1)</script>\"@example.com",
            "\"a b\"@example.com",
            "a@b.com, c@d.com",
            ".a@example.com",
            "a..b@example.com",
            "a@xn--.com",
            "a@xn--a\u{fc}.com",
        ] {
            assert_eq!(parsed(typed), Err(FieldError::EmailFormat), "{typed:?}");
        }
        assert_eq!(parsed(""), Err(FieldError::EmailMissing));
        assert_eq!(parsed(" \u{a0}\n"), Err(FieldError::EmailMissing));
    }

    #[test]
    fn the_limit_is_254_bytes() {
        let domain = format!("{0}.{0}.{0}.com", "d".repeat(60));
        let fits = format!("{}@{domain}", "a".repeat(MAX_BYTES - domain.len() - 1).get(..64).unwrap_or_default());
        assert!(parsed(&fits).is_ok());
        let long = format!("{}@{0}.{0}.{0}.{0}.com", "d".repeat(63));
        assert_eq!(parsed(&long), Err(FieldError::EmailTooLong));
        // 85 two-byte letters are 170 bytes as typed; their A-label is longer than a label may be.
        assert_eq!(parsed(&format!("a@{}.com", "é".repeat(85))), Err(FieldError::EmailFormat));
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_results_are_canonical(typed in "\\PC{0,40}|[ -~]{0,30}@[ -~]{0,30}|.{0,20}@.{0,20}\\.[a-z]{2,4}") {
            if let Ok(email) = parsed(&typed) {
                prop_assert!(email.len() <= MAX_BYTES);
                prop_assert_eq!(email.matches('@').count(), 1);
                prop_assert!(!email.chars().any(is_refused), "{:?}", email);
                prop_assert!(email.rsplit_once('@').is_some_and(|(_, domain)| domain.is_ascii() && domain.contains('.')));
                prop_assert_eq!(parsed(&email), Ok(email.clone()), "the canonical form is its own canonical form");
            }
        }

        #[test]
        fn ordinary_addresses_are_accepted_in_any_case(local in "[a-z][a-z0-9]{0,20}([.+_-][a-z0-9]{1,5})?", domain in "[a-z][a-z0-9]{0,20}\\.(com|de|museum)") {
            let canonical = format!("{local}@{domain}");
            prop_assert_eq!(parsed(&canonical), Ok(canonical.clone()));
            prop_assert_eq!(parsed(&format!(" {} ", canonical.to_ascii_uppercase())), Ok(canonical));
        }
    }
}
