//! Expired rows are deleted in batches, each in a transaction of its own: other writers get their turn in between.

use std::future::Future;

use tokio::time::{self, Instant};

use super::StoreError;

/// Rows of one batch. SQLite's one writer deletes so many, with what hangs on them, within 100 ms.
pub const BATCH: i64 = 100;

/// The keys that a query finds. PostgreSQL locks their rows and leaves out those that somebody else has locked, so that two
/// transactions that lock several rows each never wait for each other; a SQLite transaction has the whole database.
macro_rules! lock_keys {
    ($connection:expr, $query:expr) => {{
        let query = $query;
        match $connection {
            $crate::store::AnyConnection::Postgres(connection) => query.for_update().skip_locked().load(connection)?,
            $crate::store::AnyConnection::Sqlite(connection) => query.load(connection)?,
        }
    }};
}

/// Deletes a batch of the rows of a table that a query finds, and gives how many there were. `(table, key, type of the key)`.
macro_rules! delete_batch {
    ($connection:expr, ($table:expr, $key:expr, $type:ty), $expired:expr) => {{
        let keys: Vec<$type> = lock_keys!(&mut *$connection, $expired.select($key).limit(BATCH));
        if keys.is_empty() {
            return Ok(0);
        }
        Ok(diesel::delete($table.filter($key.eq_any(&keys))).execute($connection)?)
    }};
}

/// Until a batch is not full. Between two batches other writers have as long as the first one took.
///
/// # Errors
/// Those of `delete`.
pub async fn in_batches<F: Future<Output = Result<usize, StoreError>>>(
    mut delete: impl FnMut() -> F,
) -> Result<usize, StoreError> {
    let mut all = 0;
    loop {
        let started = Instant::now();
        let deleted = delete().await?;
        all += deleted;
        if i64::try_from(deleted).is_ok_and(|deleted| deleted < BATCH) {
            return Ok(all);
        }
        time::sleep(started.elapsed()).await;
    }
}

pub(super) use {delete_batch, lock_keys};
