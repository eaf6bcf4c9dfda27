//! Renders the content of each mail.

use crate::{
    accounts::outbox::Outgoing,
    appearance::{RenderError, Theme, moment},
    domain::{
        mail_kind::MailContent,
        token::{CODE_MINUTES, RESET_LINK_MINUTES, Token, VERIFICATION_LINK_HOURS},
    },
    views::{
        Rendered, View,
        language::Language,
        mails::{
            AccountDeletedMail, AccountExistsMail, ConfirmNewEmailMail, EmailChangedMail, Mail, PasswordChangedMail,
            ResetPasswordMail, VerifyEmailMail,
        },
    },
};

/// Renders a mail in the recipient's language, or the default one; `base` is the prefix of links.
///
/// # Errors
/// A template or a text is invalid.
pub(crate) fn render_mail(theme: &Theme, base: &str, outgoing: &Outgoing) -> Result<Mail, RenderError> {
    let offered = theme.languages();
    let preferred = outgoing.language.as_deref().and_then(|tag| tag.parse().ok());
    let language: Language =
        preferred.filter(|language| offered.contains(language)).or(offered.first().copied()).unwrap_or_default();
    let frame = theme.frame(language);
    let link = |path: &str, token: &Token| format!("{base}{path}?token={}", token.expose());
    match &outgoing.content {
        MailContent::VerifyEmail { token, code } => render(
            theme,
            &VerifyEmailMail {
                frame,
                link: link("verify-email", token),
                code: code.expose().to_owned(),
                hours: VERIFICATION_LINK_HOURS.into(),
                minutes: CODE_MINUTES.into(),
            },
        ),
        MailContent::ConfirmNewEmail { token } => {
            let link = link("verify-email", token);
            render(theme, &ConfirmNewEmailMail { frame, link, hours: VERIFICATION_LINK_HOURS.into() })
        }
        MailContent::AccountExists => {
            render(theme, &AccountExistsMail { frame, link: format!("{base}forgot-password") })
        }
        MailContent::ResetPassword { token } => {
            let link = link("reset-password", token);
            render(theme, &ResetPasswordMail { frame, link, minutes: RESET_LINK_MINUTES.into() })
        }
        MailContent::PasswordChanged { at } => {
            let link = format!("{base}forgot-password");
            render(theme, &PasswordChangedMail { frame, time: moment(*at), link })
        }
        MailContent::EmailChanged { at, address } => {
            render(theme, &EmailChangedMail { frame, time: moment(*at), address: address.clone() })
        }
        MailContent::AccountDeleted { at } => render(theme, &AccountDeletedMail { frame, time: moment(*at) }),
    }
}

fn render(theme: &Theme, view: &impl View) -> Result<Mail, RenderError> {
    match theme.render(view)? {
        Rendered::Mail(mail) => Ok(mail),
        Rendered::Page(_) => Err(RenderError("a page is not a mail".to_owned())),
    }
}
