//! Samples of notices, error pages and the API documentation.

use super::{ADDRESS, long_address};
use crate::{
    appearance::Samples,
    views::{
        frame::{Frame, Link},
        pages::{DocsPage, ErrorPage, NoticePage},
        texts::Message,
    },
    web::{docs, error::AppError},
};

impl Samples for NoticePage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let page = |title: &'static str, detail: Message, is_done, action: Option<(&'static str, &str)>| Self {
            // As in `web/verification.rs`: without a language menu.
            frame: Frame { languages: Vec::new(), ..frame.clone() },
            title: title.into(),
            detail,
            is_done,
            action: action.map(|(label, href)| Link { label: label.into(), href: href.to_owned() }).unwrap_or_default(),
        };
        let about = |key: &'static str, address: &str| Message::new(key).with("address", address);
        let sign_in = Some(("notice-sign-in", "/login"));
        let account = Some(("notice-account", "/account"));
        let invalid_link = |reason: &str| {
            let detail = Message::new("verify-dead").with("reason", reason).with("hours", 24);
            let action = if reason == "used" { sign_in } else { Some(("resend-title", "/verify-email")) };
            page("verify-dead-title", detail, false, action)
        };
        let invalid_reset = |reason: &str| {
            let detail = Message::new("reset-dead").with("reason", reason).with("minutes", 30);
            page("reset-dead-title", detail, false, Some(("forgot-again", "/forgot-password")))
        };
        vec![
            ("verified", page("verify-done-title", about("verify-done", ADDRESS), true, sign_in)),
            ("link-expired", invalid_link("expired")),
            ("link-used", invalid_link("used")),
            ("link-replaced", invalid_link("replaced")),
            ("resent", page("resend-sent-title", about("resend-sent", ADDRESS), false, sign_in)),
            ("forgot-sent", page("forgot-sent-title", about("forgot-sent", ADDRESS), false, sign_in)),
            ("forgot-sent-long", page("forgot-sent-title", about("forgot-sent", &long_address()), false, sign_in)),
            ("reset-done", page("reset-done-title", "reset-done".into(), true, sign_in)),
            ("reset-expired", invalid_reset("expired")),
            ("reset-used", invalid_reset("used")),
            ("reset-replaced", invalid_reset("replaced")),
            (
                "reset-cookies",
                page("reset-cookies-title", "reset-cookies".into(), false, Some(("forgot-again", "/forgot-password"))),
            ),
            ("email-changed", page("email-changed-title", about("email-changed-done", ADDRESS), true, account)),
            ("email-taken", page("email-taken-title", about("email-taken-now", ADDRESS), false, account)),
            ("account-deleted", page("account-deleted-title", "account-deleted".into(), true, None)),
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
