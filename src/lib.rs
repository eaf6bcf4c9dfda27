pub mod accounts;
pub mod hashing;
pub mod store;
