//! One file per page, mirrored in `templates/pages/`.

mod docs;
mod error;
mod notice;
mod register;
mod verify_email;
mod welcome;

pub use self::{
    docs::{Answer, Code, DocsPage, Operation, Piece, Prose},
    error::ErrorPage,
    notice::NoticePage,
    register::{RegisterPage, SignUpForm},
    verify_email::{VerifyEmailPage, VerifyLinkPage},
    welcome::WelcomePage,
};
