//! What limits cost a login: six counters in one transaction, each login by another client.
//!
//! `cargo bench --bench limits` prints a line for each database; docs/limits.md keeps them, of the debug build
//! (`--profile dev`), as all of its figures.

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use chrono::TimeDelta;
use support::{Backend, TestDatabase};
use vestibule::{
    accounts::limits::RateLimiter,
    domain::rate::Rule,
    store::{StoreError, migrations, rate_limits},
};

const CHECKS: u32 = 300;
/// Some moment, in microseconds.
const NOW: i64 = 1_800_000_000_000_000;

fn main() {
    let limits = Limits::new(None, [7; 32]);
    let rule = Rule { name: "test", limit: 1_000_000, per: TimeDelta::hours(1) };
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = TestDatabase::new(backend);
        let connection = &mut database.connect();
        migrations::run(connection, |_| Ok(())).expect("up");
        let started = Instant::now();
        for number in 0..CHECKS {
            let own = ["network and account", "block and account", "account", "network", "block"];
            let subjects = own.map(|name| format!("{name} {number}")).into_iter().chain(["all".to_owned()]);
            let checked = connection.write_transaction(|connection| {
                subjects.into_iter().try_for_each(|subject| {
                    rate_limits::take(connection, &limits.counter(&rule, &[&subject]), NOW)?;
                    Ok::<_, StoreError>(())
                })
            });
            checked.expect("an answer");
        }
        let each = started.elapsed() / CHECKS;
        println!("{backend:?}: a check of six counters takes {:.2} ms", each.as_secs_f64() * 1e3);
    }
}
