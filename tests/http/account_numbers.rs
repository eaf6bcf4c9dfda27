//! The number by which applications know an account.

use rstest::rstest;
use serde_json::json;

use crate::support::{Backend, GOOD, Server};
use Backend::{Postgres, Sqlite};

/// Whoever comes after somebody who left is not taken for them: also where the last account is gone, or all are, and after
/// a restart.
#[rstest]
#[tokio::test]
async fn a_number_is_never_used_again(#[values(Sqlite, Postgres)] backend: Backend) {
    let mut server = Server::start(backend);
    let mut numbers = Vec::new();
    for round in 0..4 {
        let email = format!("p{round}@example.com");
        let answer = server.post_json("/register", &json!({"email": email, "password": GOOD})).await;
        assert_eq!(answer.status, 201);
        numbers.push(answer.json()["id"].as_i64().expect("a number"));
        let bearer = server.token(&email, GOOD).await;
        let body = json!({"current_password": GOOD});
        assert_eq!(server.as_program(&bearer, "DELETE", "/api/v1/users/me", &body).await.status, 204);
        if round == 1 {
            let database = std::sync::Arc::clone(&server.database);
            server.kill();
            server = Server::start_on(database, &[]);
        }
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 0);
    assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
}
