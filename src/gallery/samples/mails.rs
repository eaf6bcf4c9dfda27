//! Samples of mails.

use super::{LINK, TIME};
use crate::{
    appearance::Samples,
    gallery::full_frame::with_every_setting,
    views::{
        frame::Frame,
        mails::{
            AccountDeletedMail, AccountExistsMail, ConfirmNewEmailMail, EmailChangedMail, PasswordChangedMail,
            ResetPasswordMail, VerifyEmailMail,
        },
    },
};

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

impl Samples for ConfirmNewEmailMail {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let mail = |frame: Frame| Self { frame, link: LINK.to_owned(), hours: 24 };
        vec![("plain", mail(frame.clone())), ("furnished", mail(with_every_setting(frame)))]
    }
}

impl Samples for AccountDeletedMail {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let mail = |frame: Frame| Self { frame, time: TIME.to_owned() };
        vec![("plain", mail(frame.clone())), ("furnished", mail(with_every_setting(frame)))]
    }
}
