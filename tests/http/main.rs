//! Vestibule as its users see it: the real program over a real socket, on both databases.

mod browser_form;
mod document;
mod gallery;
mod hash_queue;
mod http_rules;
mod json_doors;
mod languages;
mod looks;
mod lost_database;
mod pages;
mod process;
mod races;
mod stored_passwords;
#[path = "../support/mod.rs"]
mod support;
