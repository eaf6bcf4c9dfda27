use proptest::prelude::*;

use super::*;
use crate::hashing::{reference, verify};

const COST: u32 = 4;
const NEW_LONG: &str = "$bcrypt-sha256$";

fn hash(password: &str, salt: [u8; 16]) -> String {
    let (new, input) = NewHash::new(password, COST, salt).expect("a password without NUL");
    new.with_digest(&reference::digest(&input))
}

/// Sources: the documentation and the tests of passlib 1.7.4; the tests of the reference implementation of Argon2;
/// those of jBCrypt, also under PHP's name.
#[test]
fn published_hashes_verify() {
    for (password, stored) in [
        ("password", "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2"),
        ("", "$bcrypt-sha256$v=2,t=2b,r=5$E/e/2AOhqM5W/KJTFQzLce$WFPIZKtDDTriqWwlmRFfHiOTeheAZWe"),
        ("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
        ("abc", "$2y$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
        ("password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
        ("password", "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E"),
        ("password", "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ"),
    ] {
        assert_eq!(verify(password, stored), Ok(true), "{stored}");
        assert_eq!(verify("Password", stored), Ok(false), "{stored}");
    }
}

#[test]
fn long_passwords_use_another_format_and_are_not_truncated() {
    for (length, prefix) in [(1, "$2b$04$"), (71, "$2b$04$"), (72, NEW_LONG), (512, NEW_LONG)] {
        let password = "x".repeat(length);
        let stored = hash(&password, [7; 16]);
        assert!(stored.starts_with(prefix), "{length}: {stored}");
        assert_eq!(verify(&password, &stored), Ok(true));
        assert_eq!(verify(&format!("{password}x"), &stored), Ok(false));
        assert_eq!(verify(&format!("{}y", &password[1..]), &stored), Ok(false));
    }
}

/// Some implementations truncate at 72 bytes. A password of 72 is complete; a longer one never matches.
#[test]
fn an_imported_bcrypt_hash_matches_at_most_72_bytes() {
    let password = "x".repeat(72);
    let input = BcryptInput::new(password.as_bytes(), [7; 16], COST).expect("bcrypt takes it");
    let stored = hash("placeholder", [7; 16]).replacen("$2b$", "$2y$", 1);
    let digest = NewHash::new("placeholder", COST, [7; 16]).expect("a hash").0.with_digest(&reference::digest(&input));
    let stored = format!("{}{}", &stored[..29], &digest[29..]);
    assert_eq!(verify(&password, &stored), Ok(true));
    assert_eq!(verify(&format!("{password}x"), &stored), Ok(false));
    assert_eq!(verify(&password[1..], &stored), Ok(false));
}

#[test]
fn a_nul_byte_does_not_end_a_password() {
    let stored = hash("a", [1; 16]);
    assert_eq!(verify("a\0a", &stored), Ok(false));
    assert!(NewHash::new("a\0a", COST, [1; 16]).is_none());
}

#[test]
fn invalid_hashes_are_errors() {
    for stored in [
        "",
        "plain",
        "$2b$",
        "$2b$04$short",
        "$2b$03$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
        "$2b$+4$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
        "$2b$4$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
        "$2b$04$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2x",
        "$bcrypt-sha256$v=2,t=2b,r=+5$E/e/2AOhqM5W/KJTFQzLce$WFPIZKtDDTriqWwlmRFfHiOTeheAZWe",
        "$2b$04$é",
        "$2$04$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
        "$2x$04$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
        "$bcrypt-sha256$v=1,t=2b,r=4$a$b",
        "$bcrypt-sha256$",
        "$bcrypt-sha256$v=2,t=2b,r=5$E/e/2AOhqM5W/KJTFQzLce$WFPIZKtDDTriqWwlmRFfHiOTeheAZWe$",
        "bcrypt_sha256$",
        "bcrypt_sha256$$2x$04$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
        // Argon2d and Argon2i have other properties.
        "$argon2i$v=19$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=16$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=+64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=18$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=2$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=2,p=1,data=QQ$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=2,p=1$c2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        // A digest of no or a few bytes would match many passwords.
        "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$",
        "$scrypt$ln=4,r=8,p=1$c29tZXNhbHQ$AAAA",
        "$scrypt$ln=0,r=8,p=1$c29tZXNhbHQ$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        "$scrypt$ln=4,r=0,p=1$c29tZXNhbHQ$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        "$pbkdf2-sha256$0$0ZrzXitFSGltTQnBWOsdeQ$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
        "$pbkdf2-sha256$+1$0ZrzXitFSGltTQnBWOsdeQ$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
        "$pbkdf2-sha256$-1$0ZrzXitFSGltTQnBWOsdeQ$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
        "pbkdf2_sha256$100$salt",
        "pbkdf2_sha1$100$salt$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M=",
    ] {
        assert_eq!(verify("x", stored), Err(FormatError::Unknown), "{stored}");
    }
}

/// These would take ten seconds or longer, or all memory.
#[test]
fn a_high_cost_is_refused_before_anything_is_computed() {
    for stored in [
        "$2b$16$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
        "$2b$99$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
        "$bcrypt-sha256$v=2,t=2b,r=4000000000$E/e/2AOhqM5W/KJTFQzLce$WFPIZKtDDTriqWwlmRFfHiOTeheAZWe",
        "$bcrypt-sha256$v=2,t=2b,r=31$E/e/2AOhqM5W/KJTFQzLce$WFPIZKtDDTriqWwlmRFfHiOTeheAZWe",
        "bcrypt_sha256$$2b$31$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
        "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=65536,t=4294967295,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$scrypt$ln=20,r=8,p=1$c29tZXNhbHQ$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        "$scrypt$ln=200,r=8,p=1$c29tZXNhbHQ$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        "$scrypt$ln=1,r=4294967295,p=4294967295$c29tZXNhbHQ$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        "$scrypt$ln=1,r=15,p=524288$c29tZXNhbHQ$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        "$scrypt$ln=1,r=2097152,p=2$c29tZXNhbHQ$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        "$scrypt$ln=1,r=1,p=4294967295$c29tZXNhbHQ$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        "$pbkdf2-sha256$4294967295$0ZrzXitFSGltTQnBWOsdeQ$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
        "pbkdf2_sha256$5000001$salt$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M=",
    ] {
        assert_eq!(verify("x", stored), Err(FormatError::CostTooHigh), "{stored}");
    }
}

#[test]
fn imported_and_lower_cost_hashes_are_outdated() {
    let is_outdated = |stored: &str| StoredFormat::parse(stored).expect("a hash").is_outdated(12);
    for (stored, expected) in [
        ("$2b$12$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2", false),
        ("$2b$13$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2", false),
        ("$2b$11$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2", true),
        ("$2a$12$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2", true),
        ("$2y$12$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2", true),
        ("$bcrypt-sha256$v=2,t=2b,r=12$E/e/2AOhqM5W/KJTFQzLce$WFPIZKtDDTriqWwlmRFfHiOTeheAZWe", false),
        ("$bcrypt-sha256$v=2,t=2b,r=11$E/e/2AOhqM5W/KJTFQzLce$WFPIZKtDDTriqWwlmRFfHiOTeheAZWe", true),
        ("bcrypt_sha256$$2b$12$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2", true),
        ("bcrypt$$2b$12$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2", true),
        ("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", true),
    ] {
        assert_eq!(is_outdated(stored), expected, "{stored}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_hash_verifies_its_password_and_no_other(password in "[^\0]{1,128}", salt: [u8; 16], other in "[^\0]{1,128}") {
        let stored = hash(&password, salt);
        prop_assert_eq!(verify(&password, &stored), Ok(true));
        prop_assert_eq!(verify(&other, &stored), Ok(other == password));
    }

    /// Any text in the database.
    #[test]
    fn parsing_a_stored_text_never_panics(stored in "\\$?(2b|argon2id|scrypt|pbkdf2-sha256|pbkdf2_sha256|bcrypt-sha256)\\$.{0,60}") {
        let _ = StoredFormat::parse(&stored);
    }
}

/// The wait is estimated by them. At cost 12 bcrypt takes 4,096.
#[test]
fn an_imported_hash_counts_as_equivalent_bcrypt_rounds() {
    for (stored, rounds) in [
        ("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", 12_288),
        ("$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E", 21_845),
        ("$pbkdf2-sha256$29000$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ", 290),
        ("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", 32),
    ] {
        let derivation = StoredFormat::parse(stored).expect("a format").derivation("password").expect("a derivation");
        assert_eq!(derivation.rounds(), rounds, "{stored}");
    }
}
