//! Samples of sign-up and email verification.

use super::{
    ADDRESS, MARKUP, TOKEN, errors_of, long_address,
    proofs::{FORM_TIMESTAMP, LONG_SEARCH, challenge, challenged, limit_exhausted},
    temporary_errors, temporary_errors_without_password,
};
use crate::{
    accounts::bots::{ChallengeReason, Challenged},
    appearance::Samples,
    domain::field_error::{Field, FieldError, PASSWORD_MAX_CHARACTERS},
    gallery::full_frame::with_every_setting,
    views::{
        frame::Frame,
        pages::{RegisterPage, ResendPage, SignUpForm, VerifyEmailPage, VerifyLinkPage, WelcomePage},
    },
    web::messages,
};

impl Samples for RegisterPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let form = |full_name: &str, email: &str| SignUpForm {
            full_name: full_name.to_owned(),
            email: email.to_owned(),
            password_min: 12,
            password_max: PASSWORD_MAX_CHARACTERS,
            stamp: FORM_TIMESTAMP.to_owned(),
            ..SignUpForm::default()
        };
        let page = |form: SignUpForm, errors: &[FieldError]| {
            Self::new(frame.clone(), form, &messages::field_errors(errors), None)
        };
        let consent = |form: SignUpForm, errors: &[FieldError]| {
            let form = SignUpForm { asks_for_consent: true, ..form };
            Self::new(with_every_setting(frame), form, &messages::field_errors(errors), None)
        };
        let all_wrong =
            [FieldError::FullNameTooShort, FieldError::EmailFormat, FieldError::PasswordTooShort { min: 12 }];
        let mut samples = vec![
            ("empty", page(form("", ""), &[])),
            ("furnished", consent(form("", ""), &[])),
            ("all-missing", page(form("", ""), &[FieldError::EmailMissing, FieldError::PasswordMissing])),
            ("every-field-wrong", page(form("X", "ada.example.com"), &all_wrong)),
            ("long-values", page(form(&"Maximiliane ".repeat(10), &long_address()), &[FieldError::PasswordCommon])),
            ("markup", page(form("<b>Ada</b> & \"Co\"", MARKUP), &[FieldError::EmailFormat])),
            ("one-character", page(SignUpForm { password_min: 1, ..form("", "") }, &[])),
        ];
        let sample =
            |reason, by_mail, most| Challenged { challenge: challenge(most), reason, retry_after: None, by_mail };
        for (state, sample) in [
            // With a script, a long search stays in progress; the others are solved at once.
            ("proof-asked", sample(ChallengeReason::First, true, LONG_SEARCH)),
            ("proof-passed", sample(ChallengeReason::First, true, 0)),
            ("proof-expired", sample(ChallengeReason::Expired, true, 0)),
            ("proof-failed", sample(ChallengeReason::Failed, true, 0)),
            ("proof-without-mail", sample(ChallengeReason::First, false, LONG_SEARCH)),
            ("proof-unanswered", sample(ChallengeReason::Unanswered, false, 0)),
        ] {
            let (frame, notice) = (challenged(frame, "/register", &sample), messages::challenge_notice(&sample));
            samples.push((state, Self::new(frame, form("Ada Lovelace", ADDRESS), &[], Some(notice))));
        }
        for error in FieldError::ALL {
            match error.field() {
                Field::Terms => samples.push((error.code(), consent(form("Ada Lovelace", ADDRESS), &[error]))),
                // Only on other pages or in the API.
                _ if error == FieldError::PasswordWrong => {}
                Field::FullName | Field::Email | Field::Password => {
                    samples.push((error.code(), page(form("Ada Lovelace", ADDRESS), &[error])));
                }
                _ => {}
            }
        }
        samples.extend(
            temporary_errors().into_iter().map(|(code, notice)| {
                (code, Self::new(frame.clone(), form("Ada Lovelace", ADDRESS), &[], Some(notice)))
            }),
        );
        samples
    }
}

impl Samples for WelcomePage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        vec![
            ("plain", Self::new(frame.clone(), ADDRESS, false, false)),
            ("signed-in", Self::new(frame.clone(), ADDRESS, true, false)),
            ("confirms", Self::new(frame.clone(), ADDRESS, true, true)),
            ("confirms-first", Self::new(frame.clone(), ADDRESS, false, true)),
            ("long", Self::new(frame.clone(), &long_address(), true, true)),
            ("furnished", Self::new(with_every_setting(frame), ADDRESS, false, false)),
        ]
    }
}

impl Samples for VerifyEmailPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let page = |address: &str, was_resent, errors: &[FieldError]| {
            Self::new(frame.clone(), address.to_owned(), 10, was_resent, &messages::field_errors(errors), None)
        };
        let mut samples = vec![
            ("sent", page(ADDRESS, false, &[])),
            ("resent", page(ADDRESS, true, &[])),
            ("long", page(&long_address(), false, &[])),
        ];
        samples.extend(errors_of(Field::Code).map(|error| (error.code(), page(ADDRESS, false, &[error]))));
        for (state, form) in [("proof-crowd", "/verify-email"), ("proof-crowd-resend", "/verify-email/resend")] {
            let notice = Some("proof-crowd".into());
            samples.push((state, Self::new(limit_exhausted(frame, form), ADDRESS.to_owned(), 10, false, &[], notice)));
        }
        samples.extend(
            temporary_errors_without_password().into_iter().map(|(code, notice)| {
                (code, Self::new(frame.clone(), ADDRESS.to_owned(), 10, false, &[], Some(notice)))
            }),
        );
        samples
    }
}

impl Samples for VerifyLinkPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let page = |address: &str, asks_password, errors: &[FieldError]| {
            Self::new(
                frame.clone(),
                address.to_owned(),
                TOKEN.to_owned(),
                asks_password,
                &messages::field_errors(errors),
                None,
            )
        };
        let errors = [FieldError::PasswordMissing, FieldError::PasswordWrong];
        let mut samples = vec![
            ("plain", page(ADDRESS, false, &[])),
            ("password", page(ADDRESS, true, &[])),
            ("long", page(&long_address(), true, &[])),
        ];
        samples.extend(errors.map(|error| (error.code(), page(ADDRESS, true, &[error]))));
        samples.extend(temporary_errors().into_iter().map(|(code, notice)| {
            (code, Self::new(frame.clone(), ADDRESS.to_owned(), TOKEN.to_owned(), true, &[], Some(notice)))
        }));
        samples
    }
}

impl Samples for ResendPage {
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
            Self::new(limit_exhausted(frame, "/verify-email/resend"), ADDRESS.to_owned(), true, &[], notice),
        ));
        samples.extend(
            temporary_errors_without_password()
                .into_iter()
                .map(|(code, notice)| (code, Self::new(frame.clone(), ADDRESS.to_owned(), true, &[], Some(notice)))),
        );
        samples
    }
}
