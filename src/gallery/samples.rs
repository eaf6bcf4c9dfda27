//! The sample data: real errors of the domain and of the web, and made-up people.

use super::{Samples, with_every_setting};
use crate::{
    accounts::{
        form::{Field, FieldError},
        password::MAX_CHARACTERS,
    },
    views::{
        elements::Fault,
        frame::{Frame, Link},
        mails::{AccountExistsMail, EmailChangedMail, PasswordChangedMail, ResetPasswordMail, VerifyEmailMail},
        pages::{
            DocsPage, ErrorPage, NoticePage, RegisterPage, SignUpForm, VerifyEmailPage, VerifyLinkPage, WelcomePage,
        },
        texts::Message,
    },
    web::{docs, error::AppError, words},
};

const LINK: &str = "https://accounts.example.com/verify-email?token=Zm9ydHktdGhyZWUgY2hhcmFjdGVycyBvZiBiYXNlNjQ";
const ADDRESS: &str = "ada@example.com";
const TIME: &str = "2026-11-20 13:45 UTC";

/// As long as addresses get in practice.
fn long_address() -> String {
    format!("{}@{}.example.com", "a".repeat(64), "b".repeat(60))
}

impl Samples for RegisterPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let form = |full_name: &str, email: &str| SignUpForm {
            full_name: full_name.to_owned(),
            email: email.to_owned(),
            password_min: 12,
            password_max: MAX_CHARACTERS,
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
            (
                "markup",
                page(
                    form("<b>Ada</b> & \"Co\"", "\"><script>alert(1)</script>@example.com"),
                    &[FieldError::EmailFormat],
                ),
            ),
            ("one-character", page(SignUpForm { password_min: 1, ..form("", "") }, &[])),
        ];
        for error in FieldError::ALL {
            match error.field() {
                // Asked at doors for programs alone.
                Field::Username => {}
                Field::Terms => samples.push((error.code(), consent(form("Ada Lovelace", ADDRESS), &[error]))),
                _ => samples.push((error.code(), page(form("Ada Lovelace", ADDRESS), &[error]))),
            }
        }
        let passing = AppError::each()
            .into_iter()
            .filter(|error| matches!(error, AppError::Busy { .. } | AppError::Uncertain(_)));
        samples.extend(passing.map(|error| {
            let info = error.info();
            (info.code, Self::new(frame.clone(), form("Ada Lovelace", ADDRESS), &[], Some(info.attribute("notice"))))
        }));
        samples
    }
}

impl Samples for WelcomePage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        vec![
            ("plain", Self::new(frame.clone(), ADDRESS)),
            ("long", Self::new(frame.clone(), &long_address())),
            ("furnished", Self::new(with_every_setting(frame), ADDRESS)),
        ]
    }
}

impl Samples for VerifyEmailPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let page = |address: &str, was_resent, code: Option<&'static str>| {
            let faults: Vec<Fault> =
                code.map(|code| Fault { field: "code".into(), message: code.into() }).into_iter().collect();
            Self::new(frame.clone(), address.to_owned(), 10, was_resent, &faults)
        };
        vec![
            ("sent", page(ADDRESS, false, None)),
            ("resent", page(ADDRESS, true, None)),
            ("long", page(&long_address(), false, None)),
            ("code_missing", page(ADDRESS, false, Some("code_missing"))),
            ("code_format", page(ADDRESS, false, Some("code_format"))),
            ("code_wrong", page(ADDRESS, false, Some("code_wrong"))),
        ]
    }
}

impl Samples for VerifyLinkPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let page = |address: String| Self { frame: frame.clone(), address, token: "Zm9ydHktdGhyZWU".to_owned() };
        vec![("plain", page(ADDRESS.to_owned())), ("long", page(long_address()))]
    }
}

impl Samples for NoticePage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let dead = |reason: &str| Self {
            frame: frame.clone(),
            title: "verify-dead-title".into(),
            detail: Message::new("verify-dead").with("reason", reason).with("hours", 24),
            is_done: false,
            action: Link { label: "verify-resend".into(), href: "/verify-email".to_owned() },
        };
        let done = Self {
            frame: frame.clone(),
            title: "verify-done-title".into(),
            detail: Message::new("verify-done").with("address", ADDRESS),
            is_done: true,
            action: Link::default(),
        };
        vec![
            ("verified", done),
            ("link-expired", dead("expired")),
            ("link-used", dead("used")),
            ("link-replaced", dead("replaced")),
        ]
    }
}

impl Samples for ErrorPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let page = |error: AppError| (error.info().code, error.page(frame.clone(), "0123456789abcdef0123456789abcdef"));
        AppError::each().map(page).to_vec()
    }
}

impl Samples for DocsPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        vec![("all", docs::page(frame.clone()))]
    }
}

impl Samples for VerifyEmailMail {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let mail =
            |frame: Frame| Self { frame, link: LINK.to_owned(), code: "042137".to_owned(), hours: 24, minutes: 10 };
        vec![("plain", mail(frame.clone())), ("furnished", mail(with_every_setting(frame)))]
    }
}

impl Samples for AccountExistsMail {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let mail = |frame: Frame| Self { frame, link: "https://accounts.example.com/forgot-password".to_owned() };
        vec![("plain", mail(frame.clone())), ("furnished", mail(with_every_setting(frame)))]
    }
}

impl Samples for ResetPasswordMail {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let link = LINK.replace("verify-email", "reset-password");
        let mail = |frame: Frame| Self { frame, link: link.clone(), minutes: 30 };
        vec![("plain", mail(frame.clone())), ("furnished", mail(with_every_setting(frame)))]
    }
}

impl Samples for PasswordChangedMail {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let link = "https://accounts.example.com/forgot-password";
        let mail = |frame: Frame| Self { frame, time: TIME.to_owned(), link: link.to_owned() };
        vec![("plain", mail(frame.clone())), ("furnished", mail(with_every_setting(frame)))]
    }
}

impl Samples for EmailChangedMail {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let mail = |frame: Frame| Self { frame, time: TIME.to_owned(), address: "g…r@example.com".to_owned() };
        vec![("plain", mail(frame.clone())), ("furnished", mail(with_every_setting(frame)))]
    }
}
