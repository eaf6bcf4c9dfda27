//! Every page and mail in every state, with sample data. What is not here cannot be sent: [`crate::web::reply::page`]
//! takes only views that have [`Samples`].

mod export;
mod samples;

use std::sync::Arc;

use lettre::message::Mailbox;
use serde_json::Value;

pub use self::export::{ExportError, check, export};
use crate::{
    appearance::{Appearance, RenderError},
    mail::{self, ComposeError},
    views::{
        Rendered, View,
        frame::{Brand, Frame, Link},
        language::{Direction, Language},
        mails::{AccountExistsMail, EmailChangedMail, Mail, PasswordChangedMail, ResetPasswordMail, VerifyEmailMail},
        pages::{DocsPage, ErrorPage, NoticePage, RegisterPage, VerifyEmailPage, VerifyLinkPage, WelcomePage},
    },
};

/// A view in each of its states.
pub trait Samples: View {
    /// By a name that stays, so that a link to a state stays too.
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)>;
}

/// One state of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    pub view: &'static str,
    pub name: &'static str,
    pub is_mail: bool,
    /// Whether it is in every language; what is for programmers is not.
    pub is_translated: bool,
}

impl State {
    /// The files that a designer edits to change it.
    #[must_use]
    pub fn templates(self) -> Vec<String> {
        match self.view.strip_prefix("mail_") {
            Some(name) => {
                ["html", "txt", "subject.txt"].map(|ending| format!("templates/mails/{name}.{ending}")).to_vec()
            }
            None => vec![format!("templates/pages/{}.html", self.view)],
        }
    }
}

/// The theme that a reader's device asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The same styles, whatever the device asks for.
    #[must_use]
    pub fn apply(self, html: &str) -> String {
        let query = if self == Self::Dark { "all" } else { "not all" };
        html.replace("(prefers-color-scheme: dark)", query)
            .replace("(prefers-color-scheme: light)", if self == Self::Dark { "not all" } else { "all" })
            .replace("color-scheme: light dark", &format!("color-scheme: {}", self.code()))
            .replace("content=\"light dark\"", &format!("content=\"{}\"", self.code()))
    }
}

/// How a state is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub language: Language,
    /// `None`: that of the language.
    pub direction: Option<Direction>,
}

/// Lists the states, and renders one of them, of every view there is.
macro_rules! gallery {
    ($($view:ident { mail: $is_mail:literal, translated: $is_translated:literal }),* $(,)?) => {
        /// Every state there is, in the order of the gallery.
        #[must_use]
        pub fn states() -> Vec<State> {
            let frame = Frame::default();
            let mut states = Vec::new();
            $(states.extend($view::samples(&frame).into_iter().map(|(name, _)| State {
                view: $view::NAME,
                name,
                is_mail: $is_mail,
                is_translated: $is_translated,
            }));)*
            states
        }

        /// The struct and the states of a view as JSON, for documents: what templates see is plain data.
        #[must_use]
        pub fn fields(view: &str) -> Option<(&'static str, Vec<Value>)> {
            let frame = Frame::default();
            $(if view == $view::NAME {
                let samples = $view::samples(&furnished(&frame)).into_iter();
                let samples = samples.filter_map(|(_, sample)| serde_json::to_value(sample).ok());
                return Some((stringify!($view), samples.collect()));
            })*
            None
        }

        /// One state, rendered by the same code as for visitors; `None` where there is none of this name.
        pub fn render(appearance: &Appearance, view: &str, state: &str, look: Look) -> Option<Result<Rendered, RenderError>> {
            let frame = frame(appearance, look);
            $(if view == $view::NAME {
                let frame = if $is_translated { frame } else { Frame { languages: Vec::new(), ..appearance.frame(Language::English) } };
                let (_, sample) = $view::samples(&frame).into_iter().find(|(name, _)| *name == state)?;
                return Some(appearance.render(&sample));
            })*
            None
        }
    };
}

gallery! {
    RegisterPage { mail: false, translated: true },
    WelcomePage { mail: false, translated: true },
    VerifyEmailPage { mail: false, translated: true },
    VerifyLinkPage { mail: false, translated: true },
    NoticePage { mail: false, translated: true },
    ErrorPage { mail: false, translated: true },
    DocsPage { mail: false, translated: false },
    VerifyEmailMail { mail: true, translated: true },
    AccountExistsMail { mail: true, translated: true },
    ResetPasswordMail { mail: true, translated: true },
    PasswordChangedMail { mail: true, translated: true },
    EmailChangedMail { mail: true, translated: true },
}

fn frame(appearance: &Appearance, look: Look) -> Frame {
    let mut frame = appearance.frame(look.language);
    frame.direction = look.direction.unwrap_or(frame.direction);
    frame
}

/// A mail as it would be sent.
///
/// # Errors
/// As [`mail::compose`].
pub fn raw_mail(mail: &Mail, brand: &str) -> Result<Vec<u8>, ComposeError> {
    let mailbox = |name: &str, user: &str| {
        let address = lettre::Address::new(user, "example.com").map_err(ComposeError::new)?;
        Ok(Mailbox::new(Some(name.to_owned()), address))
    };
    let message = mail::compose(mail, mailbox(brand, "accounts")?, mailbox("Ada Lovelace", "ada")?)?;
    Ok(message.formatted())
}

/// A frame of an operator who has set everything.
fn furnished(frame: &Frame) -> Frame {
    let brand = Brand {
        sign_in_url: "https://example.com/sign-in".to_owned(),
        terms_url: "https://example.com/terms".to_owned(),
        support_email: "help@example.com".to_owned(),
        links: [
            ("link-home", "https://example.com/"),
            ("link-terms", "https://example.com/terms"),
            ("link-privacy", "https://example.com/privacy"),
            ("link-imprint", "https://example.com/imprint"),
            ("link-support", "mailto:help@example.com"),
        ]
        .map(|(label, href)| Link { label: label.into(), href: href.to_owned() })
        .to_vec(),
        ..(*frame.brand).clone()
    };
    Frame { brand: Arc::new(brand), ..frame.clone() }
}
