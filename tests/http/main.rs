//! Vestibule as its users see it: the real program over a real socket, on both databases.

mod account_flow;
mod bots;
mod browser_form;
mod browser_sessions;
mod code_tries;
mod concealment;
mod concurrent_changes;
mod document;
mod gallery;
mod hash_queue;
mod http_rules;
mod json_doors;
mod keys;
mod languages;
mod limits;
mod log_lines;
mod login;
mod looks;
mod mails;
mod moving;
mod observability;
mod ownership;
mod pages;
mod previous_keys;
mod process;
mod races;
mod sessions;
mod stored_passwords;
#[path = "../support/mod.rs"]
mod support;
mod tokens;
mod tries;
mod under_way;
