//! How many lines of the audit log an account may have: the newest of each kind, so that many of one kind push out none of
//! another.
//!
//! Surplus lines are deleted in the background: no request takes longer for an account that has many lines, nor asks more of
//! the database.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    domain::audit::Event,
    store::{self, Database, StoreError, audit::Kind},
};

/// The newest lines of a kind that are kept: an event, and whether it succeeded.
pub const MOST_LINES: i64 = 500;
/// How often it is looked.
pub const EVERY: Duration = Duration::from_secs(5);
/// Most kinds that are remembered until then. Those beyond have their turn when they are written again.
const MOST_KINDS: usize = 10_000;
/// Kinds that are looked at with one connection.
const AT_ONCE: usize = 100;

/// The kinds of lines that were written a moment ago.
#[derive(Debug, Default)]
pub struct WrittenKinds(Mutex<HashSet<Kind>>);

impl WrittenKinds {
    pub(super) fn note(&self, kind: Kind) {
        if happens_once(kind.event) {
            return;
        }
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kinds.len() < MOST_KINDS {
            kinds.insert(kind);
        }
    }

    fn take(&self) -> Vec<Kind> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain().collect()
    }

    /// Deletes the surplus lines of the kinds that this instance has written since the last call; returns their number.
    ///
    /// # Errors
    /// Those of the database. What was not deleted then is deleted when the kind is written again.
    pub(super) async fn delete_surplus(&self, database: &Database) -> Result<usize, StoreError> {
        let mut deleted = 0;
        for kinds in self.take().chunks(AT_ONCE) {
            let kinds = kinds.to_vec();
            let full = database.run(move |db| {
                let mut full = Vec::new();
                for kind in kinds {
                    if !store::audit::surplus(db, kind, MOST_LINES)?.is_empty() {
                        full.push(kind);
                    }
                }
                Ok::<_, StoreError>(full)
            });
            for kind in full.await? {
                deleted +=
                    database.write_in_batches(move |db| store::audit::delete_surplus(db, kind, MOST_LINES)).await?;
            }
        }
        Ok(deleted)
    }
}

/// In the life of an account.
fn happens_once(event: Event) -> bool {
    matches!(event, Event::AccountRegistered | Event::AccountDeleted | Event::AccountExpired)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(user_id: i64, event: Event) -> Kind {
        Kind { user_id, event, succeeded: true }
    }

    #[test]
    fn a_kind_is_noted_once_and_not_where_it_happens_once() {
        let written = WrittenKinds::default();
        for event in
            [Event::Login, Event::Login, Event::AccountRegistered, Event::AccountDeleted, Event::AccountExpired]
        {
            written.note(kind(1, event));
        }
        assert_eq!(written.take(), [kind(1, Event::Login)]);
        assert_eq!(written.take(), []);
    }

    #[test]
    fn so_many_kinds_are_noted_and_no_more() {
        let written = WrittenKinds::default();
        (0..100_000).for_each(|id| written.note(kind(id, Event::Login)));
        assert_eq!(written.take().len(), MOST_KINDS);
    }
}
