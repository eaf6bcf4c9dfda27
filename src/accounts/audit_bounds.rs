//! Bounds of the audit log: the newest lines of each kind are stored per account, so that many of one kind displace no
//! other kind.
//!
//! Surplus lines are deleted in the background, so that neither request time nor database load depends on their number.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    domain::audit::Event,
    store::{self, Database, StoreError, audit::Kind},
};

/// The newest lines stored per account and kind (event and success).
pub(crate) const MAX_LINES: i64 = 500;
/// Interval of the deletion.
pub(crate) const EVERY: Duration = Duration::from_secs(5);
/// Maximum kinds remembered between runs. Others are checked when written again.
const MAX_KINDS: usize = 10_000;
/// Kinds checked with one connection.
const CHUNK: usize = 100;

/// Kinds of lines written since the last run.
#[derive(Debug, Default)]
pub struct WrittenKinds(Mutex<HashSet<Kind>>);

impl WrittenKinds {
    pub(super) fn note(&self, kind: Kind) {
        if happens_once(kind.event) {
            return;
        }
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kinds.len() < MAX_KINDS {
            kinds.insert(kind);
        }
    }

    fn drain(&self) -> Vec<Kind> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain().collect()
    }

    /// Deletes the surplus lines of the kinds that this instance has written since the last call; returns their number.
    ///
    /// # Errors
    /// Database errors. Remaining lines are deleted when the kind is written again.
    pub(super) async fn delete_surplus(&self, database: &Database) -> Result<usize, StoreError> {
        let mut deleted = 0;
        for kinds in self.drain().chunks(CHUNK) {
            let kinds = kinds.to_vec();
            let full = database.run(move |db| {
                let mut full = Vec::new();
                for kind in kinds {
                    if !store::audit::surplus(db, kind, MAX_LINES)?.is_empty() {
                        full.push(kind);
                    }
                }
                Ok::<_, StoreError>(full)
            });
            for kind in full.await? {
                deleted +=
                    database.write_in_batches(move |db| store::audit::delete_surplus(db, kind, MAX_LINES)).await?;
            }
        }
        Ok(deleted)
    }
}

/// Whether an account has at most one such event.
fn happens_once(event: Event) -> bool {
    matches!(event, Event::AccountRegistered | Event::AccountDeleted | Event::AccountExpired)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::*;
    use crate::{
        domain::client::Client,
        store::{DatabaseUrl, migrations},
    };

    fn kind(user_id: i64, event: Event) -> Kind {
        Kind { user_id, event, succeeded: true }
    }

    #[test]
    fn a_repeatable_kind_is_noted_once_and_one_time_kinds_are_not_noted() {
        let written = WrittenKinds::default();
        for event in
            [Event::Login, Event::Login, Event::AccountRegistered, Event::AccountDeleted, Event::AccountExpired]
        {
            written.note(kind(1, event));
        }
        assert_eq!(written.drain(), [kind(1, Event::Login)]);
        assert_eq!(written.drain(), []);
    }

    #[test]
    fn the_number_of_noted_kinds_is_bounded() {
        let written = WrittenKinds::default();
        (0..100_000).for_each(|id| written.note(kind(id, Event::Login)));
        assert_eq!(written.drain().len(), MAX_KINDS);
    }

    #[tokio::test]
    async fn surplus_lines_of_every_kind_are_deleted_and_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("a.db"));
        store::prepare_file(&url).expect("a file");
        let mut connection = store::connect(&url).expect("a connection");
        migrations::run(&mut connection, |_| Ok(())).expect("up");
        let written = WrittenKinds::default();
        for (event, surplus) in [(Event::Login, 2), (Event::Logout, 3), (Event::PasswordReset, 0)] {
            connection
                .write_transaction(|connection| {
                    (0..MAX_LINES + surplus).try_for_each(|_| {
                        let at = NaiveDateTime::default();
                        store::audit::record(connection, (event, true), Some(1), &Client::default(), at)
                    })
                })
                .expect("lines");
            written.note(kind(1, event));
        }
        let database = Database::open(url, 1).expect("a pool");
        assert_eq!(written.delete_surplus(&database).await.expect("a number"), 5);
        assert_eq!(written.delete_surplus(&database).await.expect("a number"), 0, "no kind is written since");
    }
}
