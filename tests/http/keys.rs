//! `SECRET_KEY`, and the key derived from it for each purpose. The derivation is repeated here, so that an update that
//! changes it, which would invalidate all cookies, fails.

use std::{collections::BTreeMap, fs, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rstest::rstest;
use sha2::{Digest as _, Sha256, Sha512};
use tower_cookies::{Cookie, Key, cookie::CookieJar};

use crate::support::{Backend, Browser, GOOD, Mailbox, Server, TestDatabase, server::Page};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const CONFIGURED: &str = "a key that an operator chose, of 40 bytes";

/// SHA-512 with a name for each purpose: docs/security.md.
fn derive(secret: &[u8], purpose: &str) -> [u8; 64] {
    let parts = [b"vestibule key derivation 1\0".as_slice(), purpose.as_bytes(), b"\0", secret];
    Sha512::digest(parts.concat()).into()
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// HMAC over length-prefixed texts, truncated to 16 bytes.
fn truncated_mac(key: &[u8; 64], texts: &[&str]) -> Vec<u8> {
    let lengths: Vec<[u8; 8]> = texts.iter().map(|text| (text.len() as u64).to_be_bytes()).collect();
    let parts: Vec<&[u8]> =
        texts.iter().zip(&lengths).flat_map(|(text, length)| [length.as_slice(), text.as_bytes()]).collect();
    hmac(&key[..32], &parts)[..16].to_vec()
}

/// Whether a form value ends in its MAC.
fn has_mac(value: &str, key: &[u8; 64], bound_to: &str) -> bool {
    let (text, mac) = value.rsplit_once('.').expect("two parts");
    URL_SAFE_NO_PAD.decode(mac).expect("base64") == truncated_mac(key, &[text, bound_to])
}

fn cookies(browser: &Browser<'_>, name: &str) -> CookieJar {
    let value = browser.cookie(name).unwrap_or_else(|| panic!("no {name}"));
    let mut jar = CookieJar::new();
    jar.add_original(Cookie::parse_encoded(format!("{name}={value}")).expect("a cookie"));
    jar
}

fn is_encrypted(browser: &Browser<'_>, name: &str, key: &[u8; 64]) -> bool {
    cookies(browser, name).private(&Key::from(key)).get(name).is_some()
}

/// The bytes in a column.
fn bytes(database: &TestDatabase, column: &str, table: &str) -> Vec<Vec<u8>> {
    let hex = match database.backend {
        Sqlite => format!("hex({column})"),
        Postgres => format!("encode({column}, 'hex')"),
    };
    let texts = database.texts(&format!("SELECT {hex} AS t FROM {table}"));
    let byte = |text: &str, at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
    texts.iter().map(|text| (0..text.len()).step_by(2).map(|at| byte(text, at)).collect()).collect()
}

fn attribute(page: &Page, selector: &str) -> String {
    page.attribute(selector, "value").expect("a value")
}

/// Whether the cookie of a known browser has the mark of the account.
fn is_known(browser: &Browser<'_>, cookie_key: &[u8; 64], marks: &[u8; 64], password_hash: &str) -> bool {
    let jar = cookies(browser, "vestibule_devices");
    let Some(cookie) = jar.private(&Key::from(cookie_key)).get("vestibule_devices") else { return false };
    let (_, text) = cookie.value().split_once('.').expect("an expiry time");
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).expect("base64")).expect("text");
    let (name, mark) = text.split_once('.').expect("one mark");
    let epoch = URL_SAFE_NO_PAD.encode(truncated_mac(marks, &["password epoch", password_hash]));
    URL_SAFE_NO_PAD.decode(mark).expect("base64") == truncated_mac(marks, &["known device", name, "1", &epoch])
}

/// Source of the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Setting,
    File,
    /// Generated at the first start, and stored in the database.
    Database,
}

#[rstest]
#[tokio::test]
async fn every_purpose_has_its_own_key_derived_from_the_secret_key(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(From::Setting, From::File, From::Database)] from: From,
) {
    let mailbox = Mailbox::open();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret-key").display().to_string();
    fs::write(&file, format!("{CONFIGURED}\n")).expect("a file");
    let secret = match from {
        From::Setting => ("SECRET_KEY", CONFIGURED),
        From::File => ("SECRET_KEY_FILE", file.as_str()),
        From::Database => ("SECRET_KEY", ""),
    };
    let settings = [("REQUIRE_VERIFIED_EMAIL", "on"), ("RATE_LIMITS", "on"), secret];
    let server = Server::mailing(backend, &mailbox, &settings);
    let stored = bytes(&server.database, "value", "installation_secrets WHERE name = 'secret_key'").remove(0);
    assert_eq!(stored.len(), 64);
    let secret = if from == From::Database { stored } else { CONFIGURED.as_bytes().to_vec() };
    let key = |purpose: &str| derive(&secret, purpose);
    let mut found = BTreeMap::new();

    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    found.insert("flash cookie", is_encrypted(&ada, "vestibule_flash", &key("flash cookie")));
    found.insert("pending cookie", is_encrypted(&ada, "vestibule_pending", &key("pending cookie")));
    let mail = mailbox.newest(ADA, 1).await;
    let token_hash = Sha256::digest(mail.token());
    let mac = hmac(&key("mail codes")[..32], &[&token_hash, mail.code().as_bytes()]);
    found.insert("mail codes", bytes(&server.database, "code_mac", "mail_tokens") == [mac]);
    let counter = truncated_mac(&key("rate limits"), &["sign_up_total"]);
    found.insert("rate limits", bytes(&server.database, "key", "rate_limits").contains(&counter));

    assert_eq!(ada.post("/verify-email", &[("code", &mail.code())]).await.status, 200);
    assert_eq!(Browser::location(&ada.log_in(ADA, GOOD).await), "/account");
    let password_hash = server.database.texts("SELECT password_hash AS t FROM users").remove(0);
    let is_known = is_known(&ada, &key("known browsers"), &key("known browser marks"), &password_hash);
    found.insert("known browsers, and their marks", is_known);
    assert_eq!(ada.post("/forgot-password", &[("email", ADA)]).await.status, 200);
    let link = mailbox.newest(ADA, 2).await.link().replace(&server.url(""), "");
    assert_eq!(Browser::location(&ada.get(&link).await), "/reset-password");
    found.insert("reset cookie", is_encrypted(&ada, "vestibule_reset", &key("reset cookie")));

    let timestamp = attribute(&server.get("/register").await.page(200), "input[name=stamp]");
    found.insert("form stamps", has_mac(&timestamp, &key("form stamps"), ""));
    let fields = [("email", "bob@example.com"), ("password", GOOD), ("topic", "what only a program fills in")];
    let challenge = attribute(&server.post_form(&fields).await.page(403), "input[name=proof]");
    found.insert("sign-up challenges", has_mac(&challenge, &key("sign-up challenges"), "bob@example.com"));

    let fingerprint = key("fingerprint")[..32].to_vec();
    found.insert("fingerprint", bytes(&server.database, "fingerprint", "key_fingerprints") == [fingerprint]);

    let wrong: Vec<_> = found.iter().filter(|(_, is_right)| !**is_right).map(|(purpose, _)| *purpose).collect();
    assert_eq!((wrong, found.len()), (Vec::new(), 9), "derived from another key");
}

/// A configured key is not stored, and does not replace the stored one.
#[rstest]
#[tokio::test]
async fn a_configured_key_is_not_stored_in_the_database(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = Arc::new(TestDatabase::new(backend));
    let stored = || bytes(&database, "value", "installation_secrets");
    drop(Server::start_on(Arc::clone(&database), &[]));
    let generated = stored();
    drop(Server::start_on(Arc::clone(&database), &[("SECRET_KEY", CONFIGURED)]));
    assert_eq!(stored(), generated);
    assert_eq!(generated.len(), 1);
    let fingerprints = bytes(&database, "fingerprint", "key_fingerprints");
    assert_eq!(fingerprints.len(), 1, "of the configured key only");
    for value in [&generated[0], &fingerprints[0]] {
        assert!(!value.windows(8).any(|window| CONFIGURED.as_bytes().windows(8).any(|part| part == window)));
    }
}

/// Two installations have different keys.
#[tokio::test]
async fn generated_keys_are_random() {
    let generated: Vec<Vec<u8>> =
        (0..2).map(|_| bytes(&Server::start(Sqlite).database, "value", "installation_secrets").remove(0)).collect();
    assert_ne!(generated[0], generated[1]);
    assert!(generated.iter().all(|key| key.iter().any(|byte| *byte != key[0])), "{generated:?}");
}
