//! What each mail says.

use crate::{
    accounts::{
        email_verification::{CODE_MINUTES, LINK_HOURS},
        letters::Content,
        outbox::Outgoing,
        password_reset,
        token::Token,
    },
    appearance::{Appearance, RenderError, moment},
    views::{
        Rendered, View,
        language::Language,
        mails::{
            AccountDeletedMail, AccountExistsMail, ConfirmNewEmailMail, EmailChangedMail, Mail, PasswordChangedMail,
            ResetPasswordMail, VerifyEmailMail,
        },
    },
};

/// Writes a mail in its reader's language; `base` is what links begin with.
///
/// # Errors
/// A template or a text is broken.
pub fn write(appearance: &Appearance, base: &str, outgoing: &Outgoing) -> Result<Mail, RenderError> {
    let offered = appearance.languages();
    let wished = outgoing.language.as_deref().and_then(|tag| tag.parse().ok());
    let language: Language =
        wished.filter(|language| offered.contains(language)).or(offered.first().copied()).unwrap_or_default();
    let frame = appearance.frame(language);
    let link = |path: &str, token: &Token| format!("{base}{path}?token={}", token.expose());
    match &outgoing.content {
        Content::VerifyEmail { token, code } => render(
            appearance,
            &VerifyEmailMail {
                frame,
                link: link("verify-email", token),
                code: code.expose().to_owned(),
                hours: LINK_HOURS.into(),
                minutes: CODE_MINUTES.into(),
            },
        ),
        Content::ConfirmNewEmail { token } => {
            let link = link("verify-email", token);
            render(appearance, &ConfirmNewEmailMail { frame, link, hours: LINK_HOURS.into() })
        }
        Content::AccountExists => {
            render(appearance, &AccountExistsMail { frame, link: format!("{base}forgot-password") })
        }
        Content::ResetPassword { token } => {
            let link = link("reset-password", token);
            render(appearance, &ResetPasswordMail { frame, link, minutes: password_reset::LINK_MINUTES.into() })
        }
        Content::PasswordChanged { at } => {
            let link = format!("{base}forgot-password");
            render(appearance, &PasswordChangedMail { frame, time: moment(*at), link })
        }
        Content::EmailChanged { at, address } => {
            render(appearance, &EmailChangedMail { frame, time: moment(*at), address: address.clone() })
        }
        Content::AccountDeleted { at } => render(appearance, &AccountDeletedMail { frame, time: moment(*at) }),
    }
}

fn render(appearance: &Appearance, view: &impl View) -> Result<Mail, RenderError> {
    match appearance.render(view)? {
        Rendered::Mail(mail) => Ok(mail),
        Rendered::Page(_) => Err(RenderError("a page is no mail".to_owned())),
    }
}
