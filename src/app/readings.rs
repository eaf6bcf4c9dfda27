//! Metrics that are read at each scrape: hash queue, pool, background tasks. Metrics from the database are read in the
//! background and exposed for at most a minute.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use prometheus::proto::MetricFamily;

use crate::{
    accounts::outbox::Outbox,
    hashing::{self, Hasher},
    observability::{
        families::{counters, float, gauge},
        metrics,
    },
    store::Database,
    supervisor::Supervisor,
};

/// How often the database is read.
pub(super) const EVERY: Duration = Duration::from_secs(15);
/// An older reading is not exposed.
const MAX_AGE: Duration = Duration::from_mins(1);

/// The last reading of the database. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct DatabaseReadings(Arc<Mutex<Option<(Instant, DatabaseReading)>>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct DatabaseReading {
    is_up: bool,
    /// `None`: the outbox could not be read.
    outbox: Option<OutboxReading>,
}

/// The pending mails of all instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OutboxReading {
    pending: u64,
    /// Age of the oldest; zero if there is none.
    oldest: Duration,
}

/// Registers the restarts of background tasks, also while the service waits for its database.
pub(super) fn register_tasks(supervisor: Supervisor) {
    metrics::register_reading("tasks", move || {
        let restarts = supervisor.restarts();
        let help = "Restarts of background tasks after a panic, by task.";
        vec![counters("vestibule_task_restarts_total", help, "task", &restarts)]
    });
}

/// Registers the hash queue and the pool.
pub(super) fn register_queues(hasher: Hasher, database: Database) {
    metrics::register_reading("hash_queue", move || hashing::metrics::families(&hasher.report()));
    metrics::register_reading("pool", move || database.report().families());
}

impl DatabaseReadings {
    pub(super) fn register(&self) {
        let readings = self.clone();
        metrics::register_reading("database", move || {
            let reading = *readings.0.lock().unwrap_or_else(PoisonError::into_inner);
            reading.map(|(at, reading)| families(reading, at.elapsed())).unwrap_or_default()
        });
    }

    /// Reads the database.
    pub(super) async fn read(&self, database: &Database, outbox: &Outbox) {
        let is_up = database.check().await.is_ok();
        let pending = outbox.pending().await.ok();
        let outbox =
            pending.map(|(pending, oldest)| OutboxReading { pending, oldest: oldest.to_std().unwrap_or_default() });
        let reading = DatabaseReading { is_up, outbox };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), reading));
    }
}

fn families(reading: DatabaseReading, age: Duration) -> Vec<MetricFamily> {
    if age > MAX_AGE {
        return Vec::new();
    }
    let mut families = vec![gauge(
        "vestibule_database_up",
        "Whether the database answered the last check.",
        if reading.is_up { 1.0 } else { 0.0 },
    )];
    if let Some(outbox) = reading.outbox {
        families.push(gauge("vestibule_outbox_pending", "Pending mails of all instances.", float(outbox.pending)));
        families.push(gauge(
            "vestibule_outbox_oldest_seconds",
            "Age of the oldest pending mail; 0 if there is none.",
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
    fn stale_database_readings_are_omitted() {
        let outbox = Some(OutboxReading { pending: 3, oldest: Duration::from_secs(9) });
        let recent = families(DatabaseReading { is_up: true, outbox }, Duration::from_secs(59));
        assert_eq!(
            names(&recent),
            ["vestibule_database_up", "vestibule_outbox_pending", "vestibule_outbox_oldest_seconds"]
        );
        let unavailable = families(DatabaseReading { is_up: false, outbox: None }, Duration::ZERO);
        assert_eq!(names(&unavailable), ["vestibule_database_up"]);
        assert!(families(DatabaseReading { is_up: true, outbox }, Duration::from_secs(61)).is_empty());
    }
}
