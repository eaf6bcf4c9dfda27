//! Vestibule as its users see it: the real program over a real socket, on both databases.

mod browser_form;
mod document;
mod hash_queue;
mod http_rules;
mod json_doors;
mod lost_database;
mod pages;
mod process;
mod races;
mod stored_passwords;
#[path = "../support/mod.rs"]
mod support;
