//! Batched deletion of expired rows: one transaction per batch, so that other writers run in between.

use std::future::Future;

use tokio::time::{self, Instant};

use super::StoreError;

/// Rows per batch. SQLite deletes them, with their dependent rows, within 100 ms.
pub const BATCH: i64 = 100;

/// Loads the keys of a query. PostgreSQL locks their rows and skips locked ones (`SKIP LOCKED`), so that two
/// transactions with several rows each never deadlock; a SQLite transaction locks the whole database.
macro_rules! lock_keys {
    ($connection:expr, $query:expr) => {{
        let query = $query;
        match $connection {
            $crate::store::AnyConnection::Postgres(connection) => query.for_update().skip_locked().load(connection)?,
            $crate::store::AnyConnection::Sqlite(connection) => query.load(connection)?,
        }
    }};
}

/// Deletes a batch of the rows of a query; returns their number. `(table, key, type of the key)`.
macro_rules! delete_batch {
    ($connection:expr, ($table:expr, $key:expr, $type:ty), $expired:expr) => {{
        let keys: Vec<$type> = lock_keys!(&mut *$connection, $expired.select($key).limit(BATCH));
        if keys.is_empty() {
            return Ok(0);
        }
        Ok(diesel::delete($table.filter($key.eq_any(&keys))).execute($connection)?)
    }};
}

/// Repeats `delete` until a batch is not full. Pauses after each batch for as long as it took.
///
/// # Errors
/// Errors of `delete`.
pub async fn in_batches<F: Future<Output = Result<usize, StoreError>>>(
    mut delete: impl FnMut() -> F,
) -> Result<usize, StoreError> {
    let mut total = 0;
    loop {
        let started = Instant::now();
        let deleted = delete().await?;
        total += deleted;
        if i64::try_from(deleted).is_ok_and(|deleted| deleted < BATCH) {
            return Ok(total);
        }
        time::sleep(started.elapsed()).await;
    }
}

pub(super) use {delete_batch, lock_keys};
