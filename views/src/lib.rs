//! What Vestibule shows and says: the views that templates see, the templates' compile unit, and the texts in every
//! language. Knows nothing of accounts, databases or HTTP, so that an edited template is built in about a second.
//!
//! A view is plain data. Its template stands under the same name in `templates/pages/` or `templates/mails/`; its
//! states with sample data in the program's gallery.

pub mod elements;
/// Which files are served, and which are nobody's.
pub mod files;
pub mod filters;
pub mod frame;
pub mod language;
pub mod mails;
pub mod pages;
pub mod texts;

use std::sync::Arc;

use askama::Template;
use serde::{Serialize, de::DeserializeOwned};

use self::{filters::Voice, frame::Frame, mails::Mail, texts::Texts};

/// A page or mail as templates see it.
pub trait View: Serialize + DeserializeOwned {
    /// The name of its template, and of its part of the gallery.
    const NAME: &'static str;

    fn frame(&self) -> &Frame;

    /// In the language of its frame.
    ///
    /// # Errors
    /// A key that is in no file of texts, or a file that is not there.
    fn render(&self, texts: &Arc<Texts>) -> askama::Result<Rendered>;
}

/// What a view looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub enum Rendered {
    /// HTML.
    Page(String),
    Mail(Mail),
}

/// A template in the voice of this frame.
fn render(template: &impl Template, frame: &Frame, texts: &Arc<Texts>, is_mail: bool) -> askama::Result<String> {
    let resources = Arc::clone(&frame.resources);
    let voice = Voice { texts: Arc::clone(texts), language: frame.language, resources, is_mail };
    template.render_with_values(&voice)
}

/// What the program that renders for another one answers, as a line of JSON; its first line is `Ready` or `Failed`.
///
/// It is asked by lines too: the name of a view, a space, and the view's fields as JSON.
#[derive(Debug, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewAnswer {
    Ready,
    Rendered(Rendered),
    /// What is wrong, in words for designers.
    Failed(String),
}

/// Writes the `View` of every page, and finds a view by its name.
macro_rules! views {
    (pages { $($page:ident $page_name:literal,)* } mails { $($mail:ident $mail_name:literal,)* }) => {
        $(impl View for pages::$page {
            const NAME: &'static str = $page_name;

            fn frame(&self) -> &Frame {
                &self.frame
            }

            fn render(&self, texts: &Arc<Texts>) -> askama::Result<Rendered> {
                render(self, &self.frame, texts, false).map(Rendered::Page)
            }
        })*
        $(impl View for mails::$mail {
            const NAME: &'static str = $mail_name;

            fn frame(&self) -> &Frame {
                &self.frame
            }

            fn render(&self, texts: &Arc<Texts>) -> askama::Result<Rendered> {
                use mails::parts::$mail as parts;
                Ok(Rendered::Mail(Mail {
                    // A line break would end the header.
                    subject: one_line(&render(&parts::Subject { mail: self }, &self.frame, texts, true)?),
                    text: render(&parts::Text { mail: self }, &self.frame, texts, true)?,
                    html: render(&parts::Html { mail: self, frame: &self.frame }, &self.frame, texts, true)?,
                }))
            }
        })*

        /// Renders a view that another process wrote as JSON; for previews.
        #[must_use]
        pub fn render_json(name: &str, json: &str, texts: &Arc<Texts>) -> PreviewAnswer {
            match name {
                $($page_name => render_as::<pages::$page>(json, texts),)*
                $($mail_name => render_as::<mails::$mail>(json, texts),)*
                _ => PreviewAnswer::Failed(format!("there is no view “{name}” any more: stop and start again")),
            }
        }
    };
}

fn render_as<V: View>(json: &str, texts: &Arc<Texts>) -> PreviewAnswer {
    match serde_json::from_str::<V>(json) {
        Ok(view) => match view.render(texts) {
            Ok(rendered) => PreviewAnswer::Rendered(rendered),
            Err(error) => PreviewAnswer::Failed(error.to_string()),
        },
        Err(error) => PreviewAnswer::Failed(format!(
            "the fields of “{}” were changed in views/src ({error}): stop and start again",
            V::NAME
        )),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

views! {
    pages {
        RegisterPage "register",
        WelcomePage "welcome",
        VerifyEmailPage "verify_email",
        VerifyLinkPage "verify_link",
        ResendPage "resend",
        LoginPage "login",
        ForgotPasswordPage "forgot_password",
        ResetPasswordPage "reset_password",
        AccountPage "account",
        NoticePage "notice",
        ErrorPage "error",
        DocsPage "docs",
    }
    mails {
        VerifyEmailMail "mail_verify_email",
        AccountExistsMail "mail_account_exists",
        ResetPasswordMail "mail_reset_password",
        PasswordChangedMail "mail_password_changed",
        EmailChangedMail "mail_email_changed",
        ConfirmNewEmailMail "mail_confirm_new_email",
        AccountDeletedMail "mail_account_deleted",
    }
}
