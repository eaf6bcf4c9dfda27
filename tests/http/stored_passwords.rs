//! Stored hashes verify in other software, and hashes of other software verify here.

use std::{
    collections::BTreeMap,
    io::Write as _,
    process::{Command, Stdio},
};

use rstest::rstest;
use serde_json::json;

use crate::support::{Backend, GOOD, PYTHON, Server, verifies};
use Backend::{Postgres, Sqlite};

/// Lengths around the change of the hash format, in characters of one, two, three and four bytes.
fn passwords() -> Vec<String> {
    let mut passwords: Vec<String> = [1, 12, 55, 56, 70, 71, 72, 73, 100, 128]
        .iter()
        .map(|length| "pässwörd-0123 ".chars().cycle().skip(*length).take(*length).collect())
        .collect();
    for (character, counts) in [('é', [35, 36, 64]), ('界', [23, 24, 128]), ('🦀', [17, 18, 128])] {
        passwords.extend(counts.map(|count| character.to_string().repeat(count)));
    }
    passwords.push(" spaces at both ends ".into());
    passwords.push("trailing\u{1}\u{7f}\u{80}\u{ff}".into());
    passwords.sort();
    passwords.dedup();
    passwords
}

fn python(script: &str, input: &serde_json::Value) -> serde_json::Value {
    let mut child = Command::new(&*PYTHON)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/passwords.py"))
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python");
    child.stdin.take().expect("stdin").write_all(input.to_string().as_bytes()).expect("sent");
    let output = child.wait_with_output().expect("an answer");
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[rstest]
#[tokio::test]
async fn python_bcrypt_and_libpass_verify_stored_hashes(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("PASSWORD_BLOCKLIST", "off"), ("PASSWORD_MIN_LENGTH", "1")]);
    let passwords = passwords();
    for (number, password) in passwords.iter().enumerate() {
        let body = json!({"email": format!("p{number}@example.com"), "password": password});
        server
            .post_json("/register", &body)
            .await
            .assert_json(201, &json!({"id": number + 1, "email": format!("p{number}@example.com")}));
    }
    let hashes = server.database.texts("SELECT password_hash AS t FROM users ORDER BY id LIMIT 1000");
    for (password, hash) in passwords.iter().zip(&hashes) {
        let prefix = if password.len() <= 71 { "$2b$04$" } else { "$bcrypt-sha256$v=2,t=2b,r=4$" };
        assert!(hash.starts_with(prefix), "{} bytes: {hash}", password.len());
    }
    let pairs: Vec<_> = passwords.iter().zip(&hashes).collect();
    let verdicts = python("verify", &json!(pairs));
    assert_eq!(verdicts, json!(vec![true; pairs.len()]));

    let wrong: Vec<_> = passwords.iter().map(|password| format!("{password}x")).zip(&hashes).collect();
    assert_eq!(python("verify", &json!(wrong)), json!(vec![false; wrong.len()]));
}

#[tokio::test]
async fn hashes_made_by_python_verify_here() {
    let made = python("hash", &json!(passwords()));
    let made: BTreeMap<String, Vec<String>> = serde_json::from_value(made).expect("hashes");
    let mut count = 0;
    for (password, hashes) in made {
        for hash in hashes {
            assert!(verifies(&password, &hash).await, "{} bytes: {hash}", password.len());
            assert!(!verifies(&format!("{password}x"), &hash).await);
            count += 1;
        }
    }
    assert!(count > 200, "{count}");
}

#[rstest]
#[tokio::test]
async fn the_configured_cost_is_used_and_salts_differ(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("ENVIRONMENT", "production"), ("BCRYPT_COST", "10")]);
    for name in ["ann", "ben"] {
        let body = json!({"username": format!("{name}x"), "password": GOOD});
        assert_eq!(server.post_json("/users", &body).await.status, 201);
    }
    let hashes = server.database.texts("SELECT password_hash AS t FROM users");
    assert!(hashes.iter().all(|hash| hash.starts_with("$2b$10$")), "{hashes:?}");
    assert_ne!(hashes[0][..29], hashes[1][..29]);
}

/// The database contains passwords only as hashes.
#[tokio::test]
async fn no_database_file_contains_the_password() {
    let server = Server::start(Sqlite);
    let canary = "Zx9-canary-in-no-file";
    assert_eq!(server.post_json("/register", &json!({"email": "a@example.com", "password": canary})).await.status, 201);
    let files = server.database.files();
    assert!(files.len() >= 2, "the database and its log: {files:?}");
    for file in files {
        let content = std::fs::read(&file).expect("a file");
        assert!(!content.windows(canary.len()).any(|window| window == canary.as_bytes()), "{}", file.display());
    }
}
