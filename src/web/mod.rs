//! The HTTP layer: one file per page or endpoint family. [`error`] and [`reply`] build the responses.

pub(crate) mod account;
pub(crate) mod account_api;
#[expect(dead_code, reason = "schemas of the OpenAPI document")]
pub(crate) mod account_bodies;
pub(crate) mod account_export;
#[expect(dead_code, reason = "schemas of the OpenAPI document")]
pub(crate) mod bodies;
pub mod body_members;
pub mod client;
#[expect(dead_code, reason = "schemas of the OpenAPI document")]
pub(crate) mod common_errors;
pub mod compression;
pub mod cookies;
pub(crate) mod docs;
pub(crate) mod edge;
pub mod error;
mod form_reply;
pub mod forwarded;
pub(crate) mod health;
pub mod host;
pub mod language;
pub(crate) mod login;
pub(crate) mod messages;
pub(crate) mod methods;
pub mod next;
pub mod openapi;
pub(crate) mod password_reset;
mod proof_of_work;
pub mod quality;
pub mod query;
pub(crate) mod registration;
pub(crate) mod registration_api;
pub(crate) mod reply;
pub(crate) mod request_context;
pub mod response_format;
pub mod session;
mod set_cookie;
pub(crate) mod static_files;
pub mod submission;
pub mod this_machine;
pub(crate) mod untrusted_proxy;
pub(crate) mod verification;
