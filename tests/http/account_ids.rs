//! Account ids, as applications store them.

use rstest::rstest;
use serde_json::json;

use crate::support::{Backend, GOOD, Server};
use Backend::{Postgres, Sqlite};

/// An id is not reused: also when the newest account or every account is deleted, and after a restart.
#[rstest]
#[tokio::test]
async fn account_ids_are_not_reused(#[values(Sqlite, Postgres)] backend: Backend) {
    let mut server = Server::start(backend);
    let mut ids = Vec::new();
    for round in 0..4 {
        let email = format!("p{round}@example.com");
        let answer = server.post_json("/register", &json!({"email": email, "password": GOOD})).await;
        assert_eq!(answer.status, 201);
        ids.push(answer.json()["id"].as_i64().expect("an id"));
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
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
}
