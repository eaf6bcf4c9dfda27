//! The store on both databases: migrations, schema, rate limits, transactions and conflicts.

mod migrations;
mod rate_limits;
mod schema;
#[path = "../support/mod.rs"]
mod support;
mod transactions;
