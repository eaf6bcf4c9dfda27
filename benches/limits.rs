//! Cost of rate limits per login: six counters in one transaction, each login of another client.
//!
//! `cargo bench --bench limits` prints a line per database; docs/limits.md has results of the debug build
//! (`--profile dev`).

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use chrono::TimeDelta;
use support::{Backend, TestDatabase};
use vestibule::{
    domain::rate::{CounterKey, Rule},
    store::{StoreError, migrations, rate_limits},
};

const CHECKS: u32 = 300;
/// Microseconds since 1970.
const NOW: i64 = 1_800_000_000_000_000;

fn main() {
    let key = CounterKey([7; 32]);
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
                    rate_limits::consume(connection, &key.counter(&rule, &[&subject]), NOW)?;
                    Ok::<_, StoreError>(())
                })
            });
            checked.expect("an answer");
        }
        let each = started.elapsed() / CHECKS;
        println!("{backend:?}: a check of six counters takes {:.2} ms", each.as_secs_f64() * 1e3);
    }
}
