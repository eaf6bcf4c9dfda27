//! The store on both databases: migrations, schema, and what a conflict is about.

mod migrations;
mod rate_limits;
mod schema;
#[path = "../support/mod.rs"]
mod support;
mod transactions;
