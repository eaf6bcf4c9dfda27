//! Refunds that are delayed because the database is busy.

use crate::support::{ADA, BETTER, Backend, GOOD, Held, Server, eventually, held::until_waiting};
use Backend::{Postgres, Sqlite};
use rstest::rstest;

use super::{address, count, limited, log_in};

/// What is consumed of all counters together, in microseconds of their times.
fn consumed(server: &Server) -> i64 {
    server.database.count("SELECT CAST(COALESCE(sum(tat), 0) AS BIGINT) FROM rate_limits")
}

/// The database is busy from the consumption of the attempt until after the response.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_right_password_is_refunded_once_the_database_is_available(#[values(Sqlite, Postgres)] backend: Backend) {
    // On SQLite the hash has to last until the test holds the one writer.
    let cost = if backend == Sqlite { "14" } else { "4" };
    let server = limited(backend, &[("RATE_LIMIT_LOGIN_ACCOUNT", "3/day"), ("BCRYPT_COST", cost)]);
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    server.database.execute("DELETE FROM rate_limits");
    let accounts = (backend == Postgres).then(|| Held::accounts(&server.database));
    let hold = async || {
        eventually("an attempt is consumed", async || (consumed(&server) > 0).then_some(())).await;
        let Some(mut held) = accounts else { return Held::accounts(&server.database) };
        until_waiting(&server.database, 1).await;
        held.execute("LOCK TABLE rate_limits IN EXCLUSIVE MODE");
        held
    };
    let (refused, held) = tokio::join!(log_in(&server, ADA, GOOD), hold());
    assert_eq!(refused.status, 503, "{}", refused.text());
    let before = consumed(&server);
    held.release();
    eventually("the attempt is refunded", async || (consumed(&server) < before).then_some(())).await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(log_in(&server, ADA, BETTER).await);
    }
    assert_eq!((count(&answers, 401), count(&answers, 429)), (3, 1));
}
