//! Requests that schemathesis makes of `/openapi.json`: right ones, and wrong ones of every kind. Each answer is one that
//! the document knows, with the status, headers, type and body that it says.

use std::process::Command;

use rstest::rstest;

use crate::support::{Backend, Mailbox, PYTHON, Server, is_full};
use Backend::{Postgres, Sqlite};

const ADDRESS: &str = "schemathesis@example.com";
/// None that an example of the document has, so that the account stays.
const PASSWORD: &str = "a quiet night in November";

/// Some hundred requests by default; with `VESTIBULE_TEST_FULL` 10,000.
#[rstest]
#[tokio::test]
async fn every_answer_is_one_of_the_documents(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let settings = [("HASH_QUEUE_SECONDS", "60"), ("RATE_LIMITS", "off")];
    let server = Server::mailing(backend, &mailbox, &settings);
    let account = serde_json::json!({"email": ADDRESS, "password": PASSWORD});
    assert_eq!(server.post_json("/register", &account).await.status, 201);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python");
    // The phases before it make some hundred; an operation has so many of the last.
    let most = if is_full() { "420" } else { "3" };
    let output = tokio::task::spawn_blocking({
        let url = server.url("");
        move || {
            Command::new(PYTHON.with_file_name("schemathesis"))
                .current_dir(std::env::temp_dir())
                .args(["--config-file", &format!("{folder}/schemathesis.toml"), "run", &format!("{url}/openapi.json")])
                .args([
                    "--max-examples",
                    most,
                    "--seed",
                    "1",
                    "--continue-on-failure",
                    "--no-shrink",
                    "--warnings",
                    "off",
                ])
                .envs([("SCHEMATHESIS_HOOKS", "signed_in"), ("PYTHONPATH", folder), ("PYTHONDONTWRITEBYTECODE", "1")])
                .envs([
                    ("VESTIBULE_URL", url.as_str()),
                    ("VESTIBULE_IDENTIFIER", ADDRESS),
                    ("VESTIBULE_PASSWORD", PASSWORD),
                ])
                .output()
                .expect("schemathesis")
        }
    })
    .await
    .expect("an outcome");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let figures = said.lines().find(|line| line.contains(" generated, ")).expect("figures");
    println!("{backend:?}: {}", figures.trim());
    assert!(!server.log().contains(" ERROR "), "{}", server.log());
}
