//! Valid and invalid requests that schemathesis generates from `/openapi.json`. Each response conforms to the document:
//! status, headers, content type and body.

use std::process::Command;

use rstest::rstest;

use crate::support::{Backend, Mailbox, PYTHON, Server, is_full};
use Backend::{Postgres, Sqlite};

const ADDRESS: &str = "schemathesis@example.com";
/// Differs from the examples of the document, so that no request deletes the account.
const PASSWORD: &str = "a quiet night in November";

/// Some hundred requests by default; with `VESTIBULE_TEST_FULL` 10,000.
#[rstest]
#[tokio::test]
async fn every_response_conforms_to_the_openapi_document(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let settings = [("HASH_QUEUE_SECONDS", "60"), ("RATE_LIMITS", "off")];
    let server = Server::mailing(backend, &mailbox, &settings);
    let account = serde_json::json!({"email": ADDRESS, "password": PASSWORD});
    assert_eq!(server.post_json("/register", &account).await.status, 201);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python");
    // Requests for each operation in the last phase. The earlier phases make some hundred.
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
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}{}", String::from_utf8_lossy(&output.stderr));
    let figures = report.lines().find(|line| line.contains(" generated, ")).expect("figures");
    println!("{backend:?}: {}", figures.trim());
    assert!(!server.log().contains(" ERROR "), "{}", server.log());
}
