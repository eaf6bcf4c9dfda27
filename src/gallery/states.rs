//! States of every page and mail. A view without states cannot be sent: [`crate::web::reply::page`] requires
//! [`Samples`].

use std::sync::LazyLock;

use lettre::message::Mailbox;
use serde_json::Value;

use super::full_frame::with_every_setting;
use crate::{
    appearance::{BrandSettings, RenderError, Samples, Source, Theme},
    mail::{self, ComposeError},
    views::{
        Rendered, View,
        frame::{Frame, LanguageLink},
        language::{Direction, Language},
        mails::{
            AccountDeletedMail, AccountExistsMail, ConfirmNewEmailMail, EmailChangedMail, Mail, PasswordChangedMail,
            ResetPasswordMail, VerifyEmailMail,
        },
        pages::{
            AccountPage, DocsPage, ErrorPage, ForgotPasswordPage, LoginPage, NoticePage, RegisterPage, ResendPage,
            ResetPasswordPage, VerifyEmailPage, VerifyLinkPage, WelcomePage,
        },
        texts::Problem,
    },
};

/// One state of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    pub view: &'static str,
    /// Its struct in `views/`.
    pub type_name: &'static str,
    pub name: &'static str,
    pub is_mail: bool,
    /// Whether it exists in every language; developer pages do not.
    pub is_translated: bool,
}

impl State {
    /// Paths of its templates.
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

/// Options for rendering a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewOptions {
    pub language: Language,
    /// `None`: the direction of the language.
    pub direction: Option<Direction>,
}

/// Defines the list of states and the rendering of a state, for all views.
macro_rules! gallery {
    ($($view:ident { mail: $is_mail:literal, translated: $is_translated:literal }),* $(,)?) => {
        static STATES: LazyLock<Vec<State>> = LazyLock::new(|| {
            let frame = Frame::default();
            let mut states = Vec::new();
            $(states.extend($view::samples(&frame).into_iter().map(|(name, _)| State {
                view: $view::NAME,
                type_name: stringify!($view),
                name,
                is_mail: $is_mail,
                is_translated: $is_translated,
            }));)*
            states
        });

        /// The sample data of a view's states as JSON, for documents.
        #[must_use]
        pub fn fields(view: &str) -> Vec<Value> {
            let language = LanguageLink { language: Language::English, is_current: true };
            let frame = with_every_setting(&Frame { languages: vec![language], ..Frame::default() });
            $(if view == $view::NAME {
                let samples = $view::samples(&frame).into_iter();
                let samples = samples.filter_map(|(_, sample)| serde_json::to_value(sample).ok());
                return samples.collect();
            })*
            Vec::new()
        }

        /// Renders a state with the code of the service.
        ///
        /// # Errors
        /// As [`Theme::render`].
        pub fn render(theme: &Theme, state: State, options: ViewOptions) -> Result<Rendered, RenderError> {
            let frame = frame(theme, state, options);
            $(if state.view == $view::NAME {
                let sample = $view::samples(&frame).into_iter().find(|(name, _)| *name == state.name);
                let unknown = || RenderError("unknown state".into());
                return sample.ok_or_else(unknown).and_then(|(_, sample)| theme.render(&sample));
            })*
            Err(RenderError("unknown view".into()))
        }
    };
}

/// Every state, in the order of the gallery.
#[must_use]
pub fn states() -> &'static [State] {
    &STATES
}

#[must_use]
pub fn find(view: &str, name: &str) -> Option<State> {
    states().iter().find(|state| state.view == view && state.name == name).copied()
}

/// Renders every state in these languages, to find errors in texts before users do. Returns the number of states.
///
/// # Errors
/// The first state that cannot be rendered.
pub fn check(theme: &Theme, languages: &[Language]) -> Result<usize, CheckError> {
    let mut shown = 0;
    for language in languages {
        for state in states().iter().copied() {
            let options = ViewOptions { language: *language, direction: None };
            let wrong = |cause: String| CheckError { state, cause };
            match render(theme, state, options).map_err(|error| wrong(error.0))? {
                Rendered::Page(_) => {}
                Rendered::Mail(mail) => {
                    raw_mail(&mail, &theme.brand.name).map_err(|error| wrong(error.to_string()))?;
                }
            }
            shown += 1;
        }
    }
    Ok(shown)
}

/// Loads the built-in and the operator's files. With `CUSTOM_DIR` it renders every state once.
///
/// # Errors
/// Every problem of the operator's files.
pub fn checked(settings: BrandSettings) -> Result<Theme, Vec<Problem>> {
    let is_own = settings.custom_dir.is_some();
    let theme = Theme::load(settings, &Source::Embedded)?;
    // Tests cover the built-in files.
    if is_own && let Err(error) = check(&theme, theme.languages()) {
        return Err(vec![Problem { file: "CUSTOM_DIR".to_owned(), line: 1, advice: error.to_string() }]);
    }
    Ok(theme)
}

/// A state that cannot be rendered.
#[derive(Debug, thiserror::Error)]
#[error("{}/{}: {cause}", state.view, state.name)]
pub struct CheckError {
    pub state: State,
    pub cause: String,
}

gallery! {
    RegisterPage { mail: false, translated: true },
    WelcomePage { mail: false, translated: true },
    VerifyEmailPage { mail: false, translated: true },
    VerifyLinkPage { mail: false, translated: true },
    ResendPage { mail: false, translated: true },
    LoginPage { mail: false, translated: true },
    ForgotPasswordPage { mail: false, translated: true },
    ResetPasswordPage { mail: false, translated: true },
    AccountPage { mail: false, translated: true },
    NoticePage { mail: false, translated: true },
    ErrorPage { mail: false, translated: true },
    DocsPage { mail: false, translated: false },
    VerifyEmailMail { mail: true, translated: true },
    AccountExistsMail { mail: true, translated: true },
    ResetPasswordMail { mail: true, translated: true },
    PasswordChangedMail { mail: true, translated: true },
    EmailChangedMail { mail: true, translated: true },
    ConfirmNewEmailMail { mail: true, translated: true },
    AccountDeletedMail { mail: true, translated: true },
}

fn frame(theme: &Theme, state: State, options: ViewOptions) -> Frame {
    if !state.is_translated {
        return theme.frame_in_english();
    }
    let mut frame = theme.frame(options.language);
    frame.direction = options.direction.unwrap_or(frame.direction);
    frame
}

/// A mail as sent by SMTP.
///
/// # Errors
/// As [`mail::compose`].
pub fn raw_mail(mail: &Mail, brand: &str) -> Result<Vec<u8>, ComposeError> {
    let mailbox = |name: &str, user: &str| {
        let address = lettre::Address::new(user, "example.com").map_err(ComposeError::new)?;
        Ok(Mailbox::new(Some(name.to_owned()), address))
    };
    let message = mail::compose(mail, mailbox(brand, "accounts")?, mailbox("Ada Lovelace", "ada")?, None)?;
    Ok(message.formatted())
}
