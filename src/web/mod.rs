//! Everything that speaks HTTP. One file per page or endpoint family; [`error`] and [`reply`] give answers their face.

pub mod audience;
pub mod bodies;
pub mod compression;
pub mod cookies;
pub mod docs;
pub mod edge;
pub mod error;
pub mod face;
pub mod gallery;
pub mod health;
pub mod host;
pub mod language;
pub mod methods;
pub mod openapi;
pub mod quality;
pub mod registration;
pub mod registration_api;
pub mod reply;
pub mod static_files;
pub mod submission;
pub mod words;
