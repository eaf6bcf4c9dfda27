//! Samples of login and password reset.

use super::{
    ADDRESS, MARKUP, TOKEN, errors_of_new_password, long_address, proofs::limit_exhausted, temporary_errors,
    temporary_errors_without_password,
};
use crate::{
    appearance::Samples,
    domain::field_error::{FieldError, PASSWORD_MAX_CHARACTERS},
    gallery::full_frame::with_every_setting,
    views::{
        frame::Frame,
        pages::{ForgotPasswordPage, LoginForm, LoginPage, ResetPasswordForm, ResetPasswordPage},
        texts::Message,
    },
    web::messages,
};

impl Samples for LoginPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let form = |identifier: &str| LoginForm {
            identifier: identifier.to_owned(),
            offers_reset: true,
            ..LoginForm::default()
        };
        let page = |identifier: &str, errors: &[FieldError], notice: Option<Message>| {
            Self::new(frame.clone(), form(identifier), &messages::field_errors(errors), notice)
        };
        let furnished = LoginForm { next: "/account".to_owned(), offers_resend: true, ..form("") };
        let mut samples = vec![
            ("empty", page("", &[], None)),
            ("furnished", Self::new(with_every_setting(frame), furnished, &[], None)),
            ("no-mail", Self::new(frame.clone(), LoginForm::default(), &[], None)),
            ("wrong", page(ADDRESS, &[], Some("login-wrong".into()))),
            ("all-missing", page("", &[FieldError::IdentifierMissing, FieldError::PasswordMissing], None)),
            ("identifier_missing", page("", &[FieldError::IdentifierMissing], None)),
            ("password_missing", page(ADDRESS, &[FieldError::PasswordMissing], None)),
            ("long-values", page(&long_address(), &[], Some("login-wrong".into()))),
            ("markup", page(MARKUP, &[], Some("login-wrong".into()))),
        ];
        let notice = Some("proof-crowd".into());
        samples.push(("proof-crowd", Self::new(limit_exhausted(frame, "/login"), form(ADDRESS), &[], notice)));
        samples.extend(temporary_errors().into_iter().map(|(code, notice)| (code, page(ADDRESS, &[], Some(notice)))));
        samples
    }
}

impl Samples for ForgotPasswordPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let page = |email: &str, can_mail, errors: &[FieldError]| {
            Self::new(frame.clone(), email.to_owned(), can_mail, &messages::field_errors(errors), None)
        };
        let mut samples = vec![
            ("empty", page("", true, &[])),
            ("email_missing", page("", true, &[FieldError::EmailMissing])),
            ("email_format", page("ada.example.com", true, &[FieldError::EmailFormat])),
            ("email_too_long", page(&long_address(), true, &[FieldError::EmailTooLong])),
            ("markup", page(MARKUP, true, &[FieldError::EmailFormat])),
            ("no-mail", page("", false, &[])),
            ("no-mail-furnished", Self::new(with_every_setting(frame), String::new(), false, &[], None)),
        ];
        let notice = Some("proof-crowd".into());
        samples.push((
            "proof-crowd",
            Self::new(limit_exhausted(frame, "/forgot-password"), ADDRESS.to_owned(), true, &[], notice),
        ));
        samples.extend(
            temporary_errors_without_password()
                .into_iter()
                .map(|(code, notice)| (code, Self::new(frame.clone(), ADDRESS.to_owned(), true, &[], Some(notice)))),
        );
        samples
    }
}

impl Samples for ResetPasswordPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let form = |address: &str| ResetPasswordForm {
            address: address.to_owned(),
            token: TOKEN.to_owned(),
            password_min: 12,
            password_max: PASSWORD_MAX_CHARACTERS,
        };
        let page = |address: &str, errors: &[FieldError], notice: Option<Message>| {
            Self::new(frame.clone(), form(address), &messages::field_errors(errors), notice)
        };
        let mut samples = vec![
            ("empty", page(ADDRESS, &[], None)),
            ("long-values", page(&long_address(), &[], None)),
            (
                "one-character",
                Self::new(frame.clone(), ResetPasswordForm { password_min: 1, ..form(ADDRESS) }, &[], None),
            ),
        ];
        samples.extend(errors_of_new_password().map(|error| (error.code(), page(ADDRESS, &[error], None))));
        samples.extend(temporary_errors().into_iter().map(|(code, notice)| (code, page(ADDRESS, &[], Some(notice)))));
        samples
    }
}
