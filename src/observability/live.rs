//! What is not counted as it happens but read when somebody looks: the hash queue, the pool, the process. And what only the
//! database knows, which is asked for beside the requests and forgotten when it has not answered for a while.

use std::{
    fmt,
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use prometheus::proto::MetricFamily;

use super::{
    families::{counters, float, gauge, gauges, histogram},
    process,
};
use crate::{
    hashing::{Counts, Report, WAIT_LIMITS_MS},
    store::PoolReport,
    supervisor::Supervisor,
};

/// How often the database is asked.
pub const ASK_EVERY: Duration = Duration::from_secs(15);
/// What it said so long ago is no longer shown.
const KEEP: Duration = Duration::from_mins(1);

static SOURCES: OnceLock<Sources> = OnceLock::new();
static TASKS: OnceLock<Supervisor> = OnceLock::new();
static DATABASE: Mutex<Option<(Instant, DatabaseReading)>> = Mutex::new(None);

/// Where the numbers come from; each answers at once.
pub struct Sources {
    pub hashes: Box<dyn Fn() -> Report + Send + Sync>,
    pub connections: Box<dyn Fn() -> PoolReport + Send + Sync>,
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sources(…)")
    }
}

/// What the database said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseReading {
    pub is_up: bool,
    /// `None`: the outbox could not be read.
    pub outbox: Option<OutboxReading>,
}

/// The mails that wait to be sent, of all instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxReading {
    pub pending: u64,
    /// Since the oldest of them was written; zero where there is none.
    pub oldest: Duration,
}

/// From now on these are read.
pub fn watch(sources: Sources) {
    // The first ones stay: a program is one service.
    let _ = SOURCES.set(sources);
}

/// From now on the restarts of background tasks are read, also while the service waits for its database.
pub(super) fn watch_tasks(supervisor: Supervisor) {
    let _ = TASKS.set(supervisor);
}

/// Keeps what the database just said.
pub fn database_said(reading: DatabaseReading) {
    *DATABASE.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), reading));
}

/// All of it, as it stands now.
pub(super) fn gather() -> Vec<MetricFamily> {
    let mut families = process::read().map(|process| process.families()).unwrap_or_default();
    families.extend(TASKS.get().map(|tasks| of_tasks(&tasks.restarts())));
    if let Some(sources) = SOURCES.get() {
        families.extend(of_hashes(&(sources.hashes)()));
        families.extend(of_connections((sources.connections)()));
    }
    let reading = *DATABASE.lock().unwrap_or_else(PoisonError::into_inner);
    families.extend(reading.map(|(at, reading)| of_database(reading, at.elapsed())).unwrap_or_default());
    families
}

fn of_tasks(restarts: &[(&'static str, u64)]) -> MetricFamily {
    counters("vestibule_task_restarts_total", "Restarts of background tasks after a panic, by task.", "task", restarts)
}

fn of_hashes(report: &Report) -> Vec<MetricFamily> {
    let Counts {
        finished, failed, refused, expired, left_waiting, left_computing, waits, waited, rounds_by_lanes, ..
    } = &report.counts;
    let waiting = [("login", float(report.logins_waiting as u64)), ("sign_up", float(report.sign_ups_waiting as u64))];
    let outcomes = [
        ("finished", *finished),
        ("failed", *failed),
        ("refused", *refused),
        ("expired", *expired),
        ("left_waiting", *left_waiting),
        ("left_computing", *left_computing),
    ];
    let rounds: Vec<(String, u64)> =
        rounds_by_lanes.iter().zip(1_u8..).map(|(rounds, lanes)| (lanes.to_string(), *rounds)).collect();
    let rounds: Vec<(&str, u64)> = rounds.iter().map(|(lanes, rounds)| (lanes.as_str(), *rounds)).collect();
    let limits = WAIT_LIMITS_MS.iter().map(|limit| Duration::from_millis(*limit).as_secs_f64());
    vec![
        gauges("vestibule_hash_queue_waiting", "Passwords that wait to be hashed or compared.", "purpose", &waiting),
        gauge(
            "vestibule_hash_queue_expected_wait_seconds",
            "How long a sign-up that comes now would wait.",
            report.wait.as_secs_f64(),
        ),
        gauge("vestibule_hash_lanes", "Passwords that can be computed at once.", float(report.lanes as u64)),
        gauge("vestibule_hash_lanes_in_use", "Passwords that are being computed.", float(report.computing as u64)),
        gauge(
            "vestibule_hash_rounds_per_second",
            "Rounds of bcrypt that all threads do in a second with every lane in use, as measured lately.",
            report.rounds_per_second,
        ),
        counters(
            "vestibule_hash_rounds_total",
            "Rounds of bcrypt that were gone through, by the lanes in use meanwhile.",
            "lanes",
            &rounds,
        ),
        counters(
            "vestibule_hashes_total",
            "Passwords that were to be hashed or compared, by what came of it.",
            "outcome",
            &outcomes,
        ),
        histogram(
            "vestibule_hash_wait_seconds",
            "Time that passwords waited before they were computed.",
            limits.zip(waits.iter().copied()),
            waits.last().copied().unwrap_or_default(),
            waited.as_secs_f64(),
        ),
    ]
}

fn of_connections(pool: PoolReport) -> Vec<MetricFamily> {
    let states = [("idle", f64::from(pool.idle)), ("in_use", f64::from(pool.open.saturating_sub(pool.idle)))];
    vec![
        gauges("vestibule_database_connections", "Connections to the database by state.", "state", &states),
        gauge("vestibule_database_connections_max", "Most connections to the database.", f64::from(pool.most)),
    ]
}

/// Nothing where the last word is too old.
fn of_database(reading: DatabaseReading, age: Duration) -> Vec<MetricFamily> {
    if age > KEEP {
        return Vec::new();
    }
    let mut families = vec![gauge(
        "vestibule_database_up",
        "Whether the database answered when it was last asked.",
        if reading.is_up { 1.0 } else { 0.0 },
    )];
    if let Some(outbox) = reading.outbox {
        families.push(gauge(
            "vestibule_outbox_pending",
            "Mails that wait in the database to be sent, of all instances.",
            float(outbox.pending),
        ));
        families.push(gauge(
            "vestibule_outbox_oldest_seconds",
            "Age of the oldest mail that waits; 0 where there is none.",
            outbox.oldest.as_secs_f64(),
        ));
    }
    families
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(families: &[MetricFamily]) -> Vec<&str> {
        families.iter().map(MetricFamily::name).collect()
    }

    #[test]
    fn what_the_database_said_long_ago_is_not_shown() {
        let outbox = Some(OutboxReading { pending: 3, oldest: Duration::from_secs(9) });
        let well = of_database(DatabaseReading { is_up: true, outbox }, Duration::from_secs(59));
        assert_eq!(
            names(&well),
            ["vestibule_database_up", "vestibule_outbox_pending", "vestibule_outbox_oldest_seconds"]
        );
        let away = of_database(DatabaseReading { is_up: false, outbox: None }, Duration::ZERO);
        assert_eq!(names(&away), ["vestibule_database_up"]);
        assert!(of_database(DatabaseReading { is_up: true, outbox }, Duration::from_secs(61)).is_empty());
    }
}
