//! Vestibule as its users see it: the real program over a real socket, on both databases.

mod account_flow;
mod address_changes;
mod addresses;
mod background;
mod bodies;
mod bots;
mod browser_form;
mod codes;
mod concealment;
mod database;
mod document;
mod expiry;
mod gallery;
mod hash_queue;
mod http_rules;
mod json_doors;
mod languages;
mod limits;
mod log_lines;
mod login;
mod looks;
mod mails;
mod maintenance;
mod moving;
mod observability;
mod outbox;
mod ownership;
mod pages;
mod process;
mod races;
mod sessions;
mod stored_passwords;
#[path = "../support/mod.rs"]
mod support;
mod tokens;
mod traces;
