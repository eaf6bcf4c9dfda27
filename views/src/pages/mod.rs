//! One file per page, mirrored in `templates/pages/`.

mod account;
mod docs;
mod error;
mod forgot_password;
mod login;
mod notice;
mod register;
mod resend;
mod reset_password;
mod verify_email;
mod welcome;

pub use self::{
    account::{AccountForm, AccountPage, AccountView, ActivityView, SessionView},
    docs::{Answer, Code, DocsPage, Operation, Piece, Prose},
    error::ErrorPage,
    forgot_password::ForgotPasswordPage,
    login::{LoginForm, LoginPage},
    notice::NoticePage,
    register::{RegisterPage, SignUpForm},
    resend::ResendPage,
    reset_password::{ResetPasswordForm, ResetPasswordPage},
    verify_email::{VerifyEmailPage, VerifyLinkPage},
    welcome::WelcomePage,
};
