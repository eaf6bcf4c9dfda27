//! Email addresses, names, passwords, tokens and stored hashes.

use vestibule::domain::field_error::PASSWORD_MAX_CHARACTERS;
use vestibule::{
    accounts::password_strength,
    domain::{
        email::{self, Email},
        field_error::FieldError,
        full_name::{self, FullName},
        password::{Owner, Password, PasswordPolicy},
        secret::Secret,
        token::{Code, Token},
        username::{self, Username},
    },
    hashing::{
        formats::{Derivation, StoredFormat},
        reference,
    },
};

use super::{QUICK, Target, lines, reached};

pub const EMAIL: Target = Target {
    name: "email",
    seeds: &[
        b"ada@example.com",
        b" Ada.Lovelace+x@EXAMPLE.com\r\n",
        "a@b\u{fc}cher.example".as_bytes(),
        "a@\u{ff25}xample\u{3002}com".as_bytes(),
        b"a@xn--bcher-kva.de",
        b"\"a b\"@example.com",
        b"Bob <a@b.com>",
        b"x\r\nBcc: v@example.com <a@b.com>",
        b"a@[127.0.0.1]",
        b"a@1.2.3.4",
        b"a@example.0x7f",
        "\u{212a}ate@example.com".as_bytes(),
        "\u{5e9}@\u{5d0}.\u{5d1}".as_bytes(),
    ],
    max_time: QUICK,
    run: email,
};

pub const NAMES: Target = Target {
    name: "names",
    seeds: &[
        b"Lorenzo",
        b"mailer-daemon",
        b"a._-9",
        "\u{3000}Ada Lovelace\u{a0}".as_bytes(),
        "\u{5c71}\u{7530}\u{592a}\u{90ce}".as_bytes(),
        b"A\0B\x1b[31m",
    ],
    max_time: QUICK,
    run: names,
};

pub const PASSWORD: Target = Target {
    name: "password",
    seeds: &[
        b"correct-horse-battery\nada@example.com",
        b"driverdriver1\ndriver@example.com",
        b"P@ssw0rd1234\nLorenzo",
        b"a\0a\nb",
        "\u{9be8}\u{304c}\u{7a7a}\u{3092}\u{98db}\u{3076}\u{5922}\u{3092}\u{898b}\u{305f}\u{591c}\u{3060}".as_bytes(),
        b"1111111111!!!!!!!!!!@@@@@@@@@@0000000000oooooooooo\nx",
    ],
    max_time: QUICK,
    run: password,
};

pub const TOKENS: Target = Target {
    name: "tokens",
    seeds: &[
        b"dGhpcyBpcyBhbiBleGFtcGxlIG9mIDQzIGxldHRlcnM",
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        b"042137",
        b" 042\xe2\x80\x93137 ",
        b"-0-0-0-0-0-0-",
    ],
    max_time: QUICK,
    run: tokens,
};

pub const STORED_PASSWORD: Target = Target {
    name: "stored_password",
    seeds: &[
        b"$2b$04$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
        b"$2y$31$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
        b"$bcrypt-sha256$v=2,t=2b,r=5$E/e/2AOhqM5W/KJTFQzLce$WFPIZKtDDTriqWwlmRFfHiOTeheAZWe",
        b"bcrypt_sha256$$2b$04$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
        b"$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        b"argon2$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        b"$scrypt$ln=1,r=1,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        b"$pbkdf2-sha256$12$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ",
        b"pbkdf2_sha256$100$salt$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M=",
    ],
    max_time: QUICK,
    run: stored_password,
};

/// An accepted address follows every rule of the contract and is in canonical form.
fn email(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    match Email::parse(&text) {
        Ok(email) => {
            reached("an address");
            let address = email.as_str();
            assert!(address.len() <= email::MAX_BYTES && text.trim().len() <= email::MAX_BYTES);
            assert!(!address.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[]:;,\"\\".contains(c)));
            let (local, domain) = address.split_once('@').expect("an @");
            assert!(!local.is_empty() && !domain.contains('@'));
            assert_eq!((local, domain), (email.local_part(), email.domain()));
            assert!(!address.bytes().any(|byte| byte.is_ascii_uppercase()));
            let labels: Vec<&str> = domain.split('.').collect();
            assert!(labels.len() >= 2 && domain.len() <= 253);
            for label in &labels {
                assert!((1..=63).contains(&label.len()), "{domain}");
                assert!(label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
                assert!(!label.starts_with('-') && !label.ends_with('-'), "{domain}");
            }
            assert!(!labels[labels.len() - 1].bytes().all(|byte| byte.is_ascii_digit()), "{domain}");
            // Only ASCII is lowercased.
            let typed = text.trim();
            assert_eq!(local, typed.split('@').next().unwrap_or_default().to_ascii_lowercase());
            assert_eq!(Email::parse(address).as_ref(), Ok(&email));
            assert_eq!(Email::parse(&format!(" {address}\r\n")).as_ref(), Ok(&email));
            // It is the only recipient of a mail to it.
            let address: lettre::Address = address.parse().unwrap_or_else(|error| panic!("{error}: {address}"));
            assert_eq!((address.user(), address.domain()), (local, domain));
        }
        Err(FieldError::EmailMissing) => assert!(text.trim().is_empty()),
        Err(FieldError::EmailTooLong) => assert!(text.len() > email::MAX_BYTES / 5),
        Err(error) => assert_eq!(error, FieldError::EmailFormat),
    }
}

fn names(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Ok(username) = Username::parse(&text) {
        reached("a username");
        assert_eq!(username.as_str(), text);
        assert!((1..=username::MAX_CHARACTERS).contains(&text.len()));
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)));
        assert!(text.as_bytes()[0].is_ascii_alphanumeric());
        assert_eq!(username.key(), text.to_ascii_lowercase());
        assert!(!["admin", "root", "postmaster"].contains(&username.key().as_str()));
        // A username is never an address.
        assert!(Email::parse(&text).is_err());
    }
    if let Ok(Some(name)) = FullName::parse(&text) {
        reached("a name");
        assert_eq!(name.as_str(), text.trim());
        let characters = name.as_str().chars().count();
        assert!((full_name::MIN_CHARACTERS..=full_name::MAX_CHARACTERS).contains(&characters));
        assert!(!name.as_str().chars().any(char::is_control));
        assert_eq!(FullName::parse(name.as_str()), Ok(Some(name)));
    }
}

/// An accepted password is unchanged, and its estimate is fast for any input.
fn password(input: &[u8]) {
    let [typed, identifier] = lines(input).map(String::from_utf8_lossy);
    let policy = PasswordPolicy { min_characters: 12, blocklist: true };
    let email = Email::parse(&identifier);
    let username = Username::parse_any(&identifier);
    let owner = match (&email, &username) {
        (Ok(email), Ok(username)) => Owner::Both(email, username),
        (Ok(email), Err(_)) => Owner::Email(email),
        (Err(_), Ok(username)) => Owner::Username(username),
        (Err(_), Err(_)) => Owner::Unknown,
    };
    let Ok(password) = Password::parse(Secret::new(typed.clone().into_owned()), &policy, owner) else { return };
    reached("a password");
    assert_eq!(password.expose(), typed);
    assert!((12..=PASSWORD_MAX_CHARACTERS).contains(&typed.chars().count()) && !typed.contains('\0'));
    assert!(identifier.len() < 12 || !typed.eq_ignore_ascii_case(&identifier) || matches!(owner, Owner::Unknown));
    assert_eq!(password_strength::is_easy(&typed, &[]), password_strength::is_easy(&typed, &[]));
}

/// A token has one spelling; a code has six digits with any separators.
fn tokens(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Some(token) = Token::parse(&text) {
        reached("a token");
        assert_eq!(token.expose(), text);
        assert!(text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert_eq!(format!("{token:?}"), "Token(Secret(…))");
    }
    if let Some(code) = Code::parse(&text) {
        reached("a code");
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        assert_eq!((code.expose(), digits.len()), (digits.as_str(), 6));
        assert!(Code::parse(code.expose()).is_some_and(|again| again.expose() == digits));
    }
}

/// Rounds of the slowest accepted scrypt (docs/performance.md).
const MAX_ROUNDS: u64 = 512 * 1024 / 3;

/// For any stored text the hash takes seconds at most. Low-cost hashes are computed; bcrypt texts are read like the
/// `bcrypt` crate.
fn stored_password(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let Ok(format) = StoredFormat::parse(&text) else { return };
    assert!(!format.matches(b""), "an empty digest would match every password");
    let Some(derivation) = format.derivation("correct-horse-battery") else { return };
    assert!(derivation.rounds() <= MAX_ROUNDS);
    if let Ok(parts) = text.parse::<bcrypt::HashParts>() {
        reached("a bcrypt hash");
        assert_eq!(1 << parts.get_cost(), derivation.rounds());
        assert!(format.is_outdated(31));
    }
    if derivation.rounds() > 16 {
        return;
    }
    match derivation {
        Derivation::Bcrypt(input) => {
            reached("a bcrypt hash that is computed");
            assert!(!format.matches(&reference::digest(&input)), "it matches another password");
        }
        Derivation::Imported(imported) => {
            reached("another hash that is computed");
            let digest = imported.digest().unwrap_or_else(|error| panic!("{error}: {text}"));
            assert!((16..=64).contains(&digest.len()));
        }
    }
}
