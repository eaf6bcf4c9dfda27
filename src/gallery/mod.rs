//! Every page and mail in every state, with sample data: [`mod@states`] lists and renders them, [`mod@export`] writes files,
//! [`http`] serves them. A page without [`crate::appearance::Samples`] cannot be sent.

mod color_scheme;
mod export;
mod full_frame;
pub(crate) mod http;
mod samples;
mod states;

pub use self::{
    color_scheme::ColorScheme,
    export::{ExportError, export},
    states::{CheckError, State, ViewOptions, check, checked, fields, find, raw_mail, render, states},
};
