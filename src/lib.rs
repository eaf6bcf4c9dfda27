//! Vestibule: a self-hosted sign-up service.
//!
//! Open `src/routes.rs` first: it lists every address. A sign-up passes through [`server`] (connection), `web/edge.rs`
//! (request context, errors), [`routes`], `web/registration.rs` (form or JSON), [`accounts::registration`] (validation,
//! bot checks, limits), [`hashing`] (password hash), `store/users.rs` (row), and `web/form_reply.rs` or `web/reply.rs`
//! (response).
//!
//! Top-level modules, lowest layer first; a module imports only lower layers:
//!
//! - [`threads`], [`supervisor`], [`views`]: bounded CPU work, background tasks, page and mail templates
//! - [`net`], [`observability`]: network settings; log, metrics and traces
//! - [`domain`]: validated values and rules
//! - [`hashing`], [`store`], [`appearance`]: password hashes, database, theme
//! - [`keys`], [`accounts`], [`mail`], [`config`], [`app`]: derived keys, account flows, mail worker, settings,
//!   assembly
//! - [`web`], [`gallery`], [`design`], [`routes`], [`server`]: HTTP, sample states, live preview, URL table,
//!   connections
//!
//! `docs/architecture.md` has the details.

#![warn(
    unreachable_pub,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used
)]

pub mod accounts;
pub mod app;
pub mod appearance;
pub mod config;
#[cfg(feature = "design")]
pub mod design;
pub mod domain;
pub mod gallery;
pub mod hashing;
pub(crate) mod keys;
pub mod mail;
pub mod net;
pub mod observability;
pub(crate) mod routes;
pub mod server;
pub mod store;
pub mod supervisor;
pub(crate) mod threads;
pub mod web;

pub use vestibule_views as views;
