//! Tries that were none, where the database cannot take them back at once.

use crate::support::{ADA, BETTER, Backend, GOOD, Held, Server, eventually, held::until_waiting};
use Backend::{Postgres, Sqlite};
use rstest::rstest;

use super::{address, count, limited, log_in};

/// How much is used of all counters together, in microseconds of their times.
fn used(server: &Server) -> i64 {
    server.database.count("SELECT CAST(COALESCE(sum(tat), 0) AS BIGINT) FROM rate_limits")
}

/// The database is busy from the moment in which the try was taken until long after the answer.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_right_password_counts_for_nothing_once_the_database_is_back(#[values(Sqlite, Postgres)] backend: Backend) {
    // On SQLite the hash has to last until the test holds the one writer.
    let cost = if backend == Sqlite { "14" } else { "4" };
    let server = limited(backend, &[("RATE_LIMIT_LOGIN_ACCOUNT", "3/day"), ("BCRYPT_COST", cost)]);
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    server.database.execute("DELETE FROM rate_limits");
    let accounts = (backend == Postgres).then(|| Held::accounts(&server.database));
    let hold = async || {
        eventually("a try is taken", async || (used(&server) > 0).then_some(())).await;
        let Some(mut held) = accounts else { return Held::accounts(&server.database) };
        until_waiting(&server.database, 1).await;
        held.execute("LOCK TABLE rate_limits IN EXCLUSIVE MODE");
        held
    };
    let (refused, held) = tokio::join!(log_in(&server, ADA, GOOD), hold());
    assert_eq!(refused.status, 503, "{}", refused.text());
    let taken = used(&server);
    held.release();
    eventually("the try is given back", async || (used(&server) < taken).then_some(())).await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(log_in(&server, ADA, BETTER).await);
    }
    assert_eq!((count(&answers, 401), count(&answers, 429)), (3, 1));
}
