//! Database access.
//!
//! [`Database`] runs queries on blocking threads with timeouts; each table has its own file.

pub mod audit;
mod batch;
pub mod claims;
mod conflict;
mod connection;
mod database;
mod deadline;
mod error;
pub mod instance;
pub mod key_fingerprints;
pub mod mail_tokens;
pub mod migrations;
pub mod new_mail;
mod observed;
pub mod outbox;
mod pool;
pub mod rate_limits;
pub mod schema;
pub mod secrets;
pub mod sessions;
mod url;
pub mod users;

pub use batch::{BATCH, in_batches};
pub use connection::{AnyConnection, connect, prepare_file};
pub use database::Database;
pub use error::{InsertError, StoreError};
pub use observed::{PoolReport, register_metrics};
pub use url::{DatabaseUrl, Servers};
