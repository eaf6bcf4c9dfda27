//! Vestibule's pages and mails: views (the data of templates), compiled templates, and texts in every language.
//! Independent of accounts, databases and HTTP, so that an edited template is built in about a second.
//!
//! A view is plain data. Its template has the same name in `templates/pages/` or `templates/mails/`; its states with
//! sample data are in the gallery of the main package.

pub mod elements;
/// Types of static files.
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

use self::{filters::RenderContext, frame::Frame, mails::Mail, texts::Texts};

/// The data of a page or mail.
pub trait View: Serialize + DeserializeOwned {
    /// Name of its template and gallery section.
    const NAME: &'static str;

    fn frame(&self) -> &Frame;

    /// Renders it in the language of its frame.
    ///
    /// # Errors
    /// A missing text or static file.
    fn render(&self, texts: &Arc<Texts>) -> askama::Result<Rendered>;
}

/// A rendered view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub enum Rendered {
    /// HTML.
    Page(String),
    Mail(Mail),
}

/// Renders a template with this frame.
fn render(template: &impl Template, frame: &Frame, texts: &Arc<Texts>, is_mail: bool) -> askama::Result<String> {
    let resources = Arc::clone(&frame.resources);
    let context = RenderContext { texts: Arc::clone(texts), language: frame.language, resources, is_mail };
    template.render_with_values(&context)
}

/// An answer of the renderer process, as a line of JSON. The first line is `Ready` or `Failed`.
///
/// A request is a line too: the name of a view, a space, and the view's fields as JSON.
#[derive(Debug, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewAnswer {
    Ready,
    Rendered(Rendered),
    /// An error message for designers.
    Failed(String),
}

/// Implements `View` for every page and mail, and finds a view by its name.
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

        /// Renders a view from JSON, for previews.
        #[must_use]
        pub fn render_json(name: &str, json: &str, texts: &Arc<Texts>) -> PreviewAnswer {
            match name {
                $($page_name => render_as::<pages::$page>(json, texts),)*
                $($mail_name => render_as::<mails::$mail>(json, texts),)*
                _ => PreviewAnswer::Failed(format!("unknown view “{name}”: restart `vestibule design`")),
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
            "the fields of “{}” were changed in views/src ({error}): restart `vestibule design`",
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
