//! Every mail: one view each, with three templates in `templates/mails/`: `NAME.subject.txt`, `NAME.txt`, `NAME.html`.

use serde::{Deserialize, Serialize};

use crate::frame::Frame;

/// Content of a mail, without headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// One line.
    pub subject: String,
    pub text: String,
    /// With its style sheet in the head.
    pub html: String,
}

/// Sent to a new address, with link and code to verify it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VerifyEmailMail {
    pub frame: Frame,
    /// URL of the button.
    pub link: String,
    /// Six digits.
    pub code: String,
    /// Validity of the link, in hours.
    pub hours: usize,
    /// Validity of the code, in minutes.
    pub minutes: usize,
}

/// Sent on a sign-up with an address that has an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountExistsMail {
    pub frame: Frame,
    /// URL of the button.
    pub link: String,
}

/// Sent on the request of a password reset.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResetPasswordMail {
    pub frame: Frame,
    /// URL of the button.
    pub link: String,
    /// Validity of the link, in minutes.
    pub minutes: usize,
}

/// Notice of a changed password.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasswordChangedMail {
    pub frame: Frame,
    /// Time of the change, such as `2026-11-20 13:45 UTC`.
    pub time: String,
    /// URL of the button.
    pub link: String,
}

/// Notice of a changed address, sent to the old one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmailChangedMail {
    pub frame: Frame,
    /// Time of the change, such as `2026-11-20 13:45 UTC`.
    pub time: String,
    /// The new address, mostly hidden.
    pub address: String,
}

/// Sent to the new address of an account, to verify it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConfirmNewEmailMail {
    pub frame: Frame,
    /// URL of the button.
    pub link: String,
    /// Validity of the link, in hours.
    pub hours: usize,
}

/// Notice of a deleted account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountDeletedMail {
    pub frame: Frame,
    /// Time of the deletion, such as `2026-11-20 13:45 UTC`.
    pub time: String,
}

/// The three templates of each mail. Templates see the mail as `mail`.
pub(crate) mod parts {
    macro_rules! parts {
        ($($mail:ident: $subject:tt $text:tt $html:tt,)*) => {$(
            #[expect(non_snake_case, reason = "named after its mail")]
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
