//! Every mail: one view each, with three templates in `templates/mails/`: `NAME.subject.txt`, `NAME.txt`, `NAME.html`.

use serde::{Deserialize, Serialize};

use crate::frame::Frame;

/// A mail in words, without its headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// One line.
    pub subject: String,
    pub text: String,
    /// With its style sheet in the head.
    pub html: String,
}

/// To a new address: the link and the code that confirm it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VerifyEmailMail {
    pub frame: Frame,
    /// Where the button leads.
    pub link: String,
    /// Six digits.
    pub code: String,
    /// How long the link works.
    pub hours: usize,
    /// How long the code works.
    pub minutes: usize,
}

/// To somebody who signs up with an address that has an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountExistsMail {
    pub frame: Frame,
    /// Where the button leads.
    pub link: String,
}

/// To somebody who forgot a password.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResetPasswordMail {
    pub frame: Frame,
    /// Where the button leads.
    pub link: String,
    /// How long the link works.
    pub minutes: usize,
}

/// Notice that a password was changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasswordChangedMail {
    pub frame: Frame,
    /// When, such as `2026-11-20 13:45 UTC`.
    pub time: String,
    /// Where the button leads.
    pub link: String,
}

/// Notice to the old address that another took its place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmailChangedMail {
    pub frame: Frame,
    /// When, such as `2026-11-20 13:45 UTC`.
    pub time: String,
    /// The new address, most of its letters hidden.
    pub address: String,
}

/// To a new address that somebody wants to use for an account that exists.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConfirmNewEmailMail {
    pub frame: Frame,
    /// Where the button leads.
    pub link: String,
    /// How long the link works.
    pub hours: usize,
}

/// Notice that an account was deleted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountDeletedMail {
    pub frame: Frame,
    /// When, such as `2026-11-20 13:45 UTC`.
    pub time: String,
}

/// The three templates of each mail. Templates see the mail as `mail`.
pub(crate) mod parts {
    macro_rules! parts {
        ($($mail:ident: $subject:tt $text:tt $html:tt,)*) => {$(
            #[expect(non_snake_case, reason = "it goes by the name of its mail")]
            pub mod $mail {
                use askama::Template;

                use crate::{filters, frame::Frame, mails::$mail};

                #[derive(Template)]
                #[template(path = $subject)]
                pub struct Subject<'a> {
                    pub mail: &'a $mail,
                }

                #[derive(Template)]
                #[template(path = $text)]
                pub struct Text<'a> {
                    pub mail: &'a $mail,
                }

                #[derive(Template)]
                #[template(path = $html)]
                pub struct Html<'a> {
                    pub mail: &'a $mail,
                    /// For the layout.
                    pub frame: &'a Frame,
                }
            }
        )*};
    }

    parts! {
        VerifyEmailMail: "mails/verify_email.subject.txt" "mails/verify_email.txt" "mails/verify_email.html",
        AccountExistsMail: "mails/account_exists.subject.txt" "mails/account_exists.txt" "mails/account_exists.html",
        ResetPasswordMail: "mails/reset_password.subject.txt" "mails/reset_password.txt" "mails/reset_password.html",
        PasswordChangedMail: "mails/password_changed.subject.txt" "mails/password_changed.txt" "mails/password_changed.html",
        EmailChangedMail: "mails/email_changed.subject.txt" "mails/email_changed.txt" "mails/email_changed.html",
        ConfirmNewEmailMail: "mails/confirm_new_email.subject.txt" "mails/confirm_new_email.txt" "mails/confirm_new_email.html",
        AccountDeletedMail: "mails/account_deleted.subject.txt" "mails/account_deleted.txt" "mails/account_deleted.html",
    }
}
