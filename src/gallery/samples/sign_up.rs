//! The sign-up and the proof of the address.

use super::{
    ADDRESS, MARKUP, TOKEN, errors_of, long_address, passing, passing_without_password,
    proofs::{LONG_SEARCH, STAMP, challenge, challenged, crowded},
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
    web::words,
};

impl Samples for RegisterPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let form = |full_name: &str, email: &str| SignUpForm {
            full_name: full_name.to_owned(),
            email: email.to_owned(),
            password_min: 12,
            password_max: PASSWORD_MAX_CHARACTERS,
            stamp: STAMP.to_owned(),
            ..SignUpForm::default()
        };
        let page =
            |form: SignUpForm, errors: &[FieldError]| Self::new(frame.clone(), form, &words::faults(errors), None);
        let consent = |form: SignUpForm, errors: &[FieldError]| {
            let form = SignUpForm { asks_for_consent: true, ..form };
            Self::new(with_every_setting(frame), form, &words::faults(errors), None)
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
        let asked =
            |reason, by_mail, most| Challenged { challenge: challenge(most), reason, retry_after: None, by_mail };
        for (state, asked) in [
            // With a script they show the check at work, and how it ends where there is little to try.
            ("proof-asked", asked(ChallengeReason::First, true, LONG_SEARCH)),
            ("proof-passed", asked(ChallengeReason::First, true, 0)),
            ("proof-expired", asked(ChallengeReason::Expired, true, 0)),
            ("proof-failed", asked(ChallengeReason::Failed, true, 0)),
            ("proof-without-mail", asked(ChallengeReason::First, false, LONG_SEARCH)),
            ("proof-unanswered", asked(ChallengeReason::Unanswered, false, 0)),
        ] {
            let (frame, notice) = (challenged(frame, "/register", &asked), words::proof_notice(&asked));
            samples.push((state, Self::new(frame, form("Ada Lovelace", ADDRESS), &[], Some(notice))));
        }
        for error in FieldError::ALL {
            match error.field() {
                Field::Terms => samples.push((error.code(), consent(form("Ada Lovelace", ADDRESS), &[error]))),
                // Challenged on other pages, or at doors for programs alone.
                _ if error == FieldError::PasswordWrong => {}
                Field::FullName | Field::Email | Field::Password => {
                    samples.push((error.code(), page(form("Ada Lovelace", ADDRESS), &[error])));
                }
                _ => {}
            }
        }
        samples.extend(
            passing().into_iter().map(|(code, notice)| {
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
            Self::new(frame.clone(), address.to_owned(), 10, was_resent, &words::faults(errors), None)
        };
        let mut samples = vec![
            ("sent", page(ADDRESS, false, &[])),
            ("resent", page(ADDRESS, true, &[])),
            ("long", page(&long_address(), false, &[])),
        ];
        samples.extend(errors_of(Field::Code).map(|error| (error.code(), page(ADDRESS, false, &[error]))));
        for (state, form) in [("proof-crowd", "/verify-email"), ("proof-crowd-resend", "/verify-email/resend")] {
            let crowd = Some("proof-crowd".into());
            samples.push((state, Self::new(crowded(frame, form), ADDRESS.to_owned(), 10, false, &[], crowd)));
        }
        samples.extend(
            passing_without_password().into_iter().map(|(code, notice)| {
                (code, Self::new(frame.clone(), ADDRESS.to_owned(), 10, false, &[], Some(notice)))
            }),
        );
        samples
    }
}

impl Samples for VerifyLinkPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let page = |address: &str, asks_password, errors: &[FieldError]| {
            Self::new(frame.clone(), address.to_owned(), TOKEN.to_owned(), asks_password, &words::faults(errors), None)
        };
        let errors = [FieldError::PasswordMissing, FieldError::PasswordWrong];
        let mut samples = vec![
            ("plain", page(ADDRESS, false, &[])),
            ("password", page(ADDRESS, true, &[])),
            ("long", page(&long_address(), true, &[])),
        ];
        samples.extend(errors.map(|error| (error.code(), page(ADDRESS, true, &[error]))));
        samples.extend(passing().into_iter().map(|(code, notice)| {
            (code, Self::new(frame.clone(), ADDRESS.to_owned(), TOKEN.to_owned(), true, &[], Some(notice)))
        }));
        samples
    }
}

impl Samples for ResendPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let page = |email: &str, can_mail, errors: &[FieldError]| {
            Self::new(frame.clone(), email.to_owned(), can_mail, &words::faults(errors), None)
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
        let crowd = Some("proof-crowd".into());
        samples.push((
            "proof-crowd",
            Self::new(crowded(frame, "/verify-email/resend"), ADDRESS.to_owned(), true, &[], crowd),
        ));
        samples.extend(
            passing_without_password()
                .into_iter()
                .map(|(code, notice)| (code, Self::new(frame.clone(), ADDRESS.to_owned(), true, &[], Some(notice)))),
        );
        samples
    }
}
