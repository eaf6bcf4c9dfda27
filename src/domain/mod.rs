//! Domain types: values validated at construction, and rules without input or output. Imports no other room.

pub mod account;
pub mod audit;
pub mod client;
pub mod clock;
pub mod email;
pub mod field_error;
pub mod full_name;
pub mod known_devices;
pub mod link_state;
pub mod mac;
pub mod mail_kind;
pub mod mailbox;
pub mod network;
pub mod password;
pub mod password_similarity;
pub mod rate;
pub mod secret;
pub mod session;
pub mod token;
pub mod username;
