//! Vestibule: the front door for accounts.
//!
//! Open [`routes`] first: every address on one screen. Then follow a sign-up: `web/registration.rs` reads it,
//! [`accounts::registration`] judges it, `store/users.rs` keeps it, `web/reply.rs` answers. [`app`] puts the parts
//! together, [`server`] drives the connections, [`config`] has every setting. What is seen and said is in the package
//! `views/` and in `locales/`; [`appearance`] puts it together, [`gallery`] shows it in every state, [`design`] as it is
//! edited. `docs/architecture.md` walks the same way with more words.

#![warn(
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
pub mod design;
pub mod domain;
pub mod gallery;
pub mod hashing;
pub mod keys;
pub mod mail;
pub mod net;
pub mod observability;
pub mod routes;
pub mod server;
pub mod store;
pub mod supervisor;
pub mod threads;
pub mod web;

pub use vestibule_views as views;
