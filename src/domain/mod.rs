//! Domain types: values validated at construction, and rules without input or output. Imports no other module.

pub(crate) mod account;
pub mod audit;
pub mod client;
pub mod clock;
pub mod email;
pub mod field_error;
pub mod full_name;
pub mod known_devices;
pub(crate) mod link_state;
pub(crate) mod mac;
pub(crate) mod mail_kind;
pub(crate) mod mailbox;
pub(crate) mod network;
pub mod password;
pub(crate) mod password_similarity;
pub mod rate;
pub mod secret;
pub mod session;
pub mod token;
pub mod username;
