//! Vestibule as its users see it: the real program over a real socket, on both databases.

mod account_flow;
mod arguments;
mod bots;
mod browser_form;
mod concealment;
mod derived_passwords;
mod disabled_accounts;
mod document;
mod gallery;
mod gallery_mails;
mod hash_queue;
mod http_rules;
mod json_doors;
mod kept_pages;
mod known_browsers;
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
mod process;
mod races;
mod sessions;
mod stored_passwords;
#[path = "../support/mod.rs"]
mod support;
mod tokens;
