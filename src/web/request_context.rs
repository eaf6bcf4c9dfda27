//! The request context.

use std::sync::{Arc, OnceLock};

use poem::{Request, http::Uri};

use super::{language, messages, response_format::ResponseFormat};
use crate::{
    accounts::bots::Challenged,
    app::Site,
    appearance::Theme,
    domain::field_error::FieldError,
    views::{elements::ProofView, frame::Frame, language::Language, texts::Message},
};

/// Response format, language, theme and challenge of a response. `Edge` inserts it into each request; handlers get it
/// as `Data<&RequestContext>`.
#[derive(Debug, Clone)]
pub struct RequestContext {
    pub response_format: ResponseFormat,
    pub language: Language,
    pub theme: Arc<Theme>,
    /// Identifies the submitted form on a page with several.
    uri: Uri,
    /// The challenge of the submitted form.
    challenge: OnceLock<ProofView>,
}

impl RequestContext {
    #[must_use]
    pub fn of(request: &Request, site: &Site) -> Self {
        let theme = site.theme.current();
        let response_format = ResponseFormat::of(request);
        let language = language::of(request, response_format, theme.languages());
        Self { response_format, language, theme, uri: request.uri().clone(), challenge: OnceLock::new() }
    }

    #[must_use]
    pub fn translate(&self, message: &Message) -> String {
        self.theme.texts.translate(self.language, message)
    }

    /// The message of a field error.
    #[must_use]
    pub fn explain(&self, error: FieldError) -> String {
        self.translate(&messages::field_error(error))
    }

    /// The frame of a page whose URL has no other languages.
    #[must_use]
    pub fn frame_without_languages(&self) -> Frame {
        Frame { languages: Vec::new(), ..self.frame() }
    }

    /// The frame of a page.
    #[must_use]
    pub fn frame(&self) -> Frame {
        let proof = self.challenge.get().cloned().unwrap_or_default();
        Frame { proof, ..self.theme.frame(self.language) }
    }

    /// Adds this challenge to the submitted form.
    pub fn set_challenge(&self, challenged: &Challenged) {
        // Once per request.
        let _ = self.challenge.set(messages::challenge(challenged, self.uri.path()));
    }
}
