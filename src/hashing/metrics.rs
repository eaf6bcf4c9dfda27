//! Metrics of the hash queue, read at each scrape.

use std::time::Duration;

use prometheus::proto::MetricFamily;

use super::report::{Counts, Report, WAIT_LIMITS_MS};
use crate::observability::families::{counters, float, gauge, gauges, histogram};

#[must_use]
pub(crate) fn families(report: &Report) -> Vec<MetricFamily> {
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
        gauges("vestibule_hash_queue_waiting", "Passwords waiting to be hashed or verified.", "purpose", &waiting),
        gauge(
            "vestibule_hash_queue_expected_wait_seconds",
            "Expected wait of a new sign-up.",
            report.wait.as_secs_f64(),
        ),
        gauge("vestibule_hash_lanes", "bcrypt lanes of all threads.", float(report.lanes as u64)),
        gauge("vestibule_hash_lanes_in_use", "bcrypt lanes in use.", float(report.computing as u64)),
        gauge(
            "vestibule_hash_rounds_per_second",
            "Measured bcrypt rounds per second of all threads with all lanes in use.",
            report.rounds_per_second,
        ),
        counters("vestibule_hash_rounds_total", "bcrypt rounds computed, by lanes in use.", "lanes", &rounds),
        counters("vestibule_hashes_total", "Password hashes and verifications by outcome.", "outcome", &outcomes),
        histogram(
            "vestibule_hash_wait_seconds",
            "Time passwords waited before computation.",
            limits.zip(waits.iter().copied()),
            waits.last().copied().unwrap_or_default(),
            waited.as_secs_f64(),
        ),
    ]
}
