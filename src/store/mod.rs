//! Database access.
//!
//! [`Database`] runs queries on blocking threads with timeouts; each table has its own file.

pub(crate) mod audit;
mod batch;
pub(crate) mod claims;
mod conflict;
mod connection;
mod database;
mod deadline;
mod error;
pub(crate) mod instance;
pub(crate) mod key_fingerprints;
pub(crate) mod mail_tokens;
mod metrics;
pub mod migrations;
pub(crate) mod new_mail;
pub(crate) mod outbox;
mod pool;
pub mod rate_limits;
pub mod schema;
pub(crate) mod secrets;
pub(crate) mod sessions;
mod url;
pub mod users;

pub use batch::{BATCH, in_batches};
pub use connection::{AnyConnection, connect, prepare_file};
pub use database::Database;
pub use error::{InsertError, StoreError};
pub use metrics::{PoolReport, register_metrics};
pub use url::{DatabaseUrl, Servers};
