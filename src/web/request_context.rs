//! Whom an answer is for.

use std::sync::{Arc, OnceLock};

use poem::{Request, http::Uri};

use super::{language, response_format::ResponseFormat, words};
use crate::{
    accounts::bots::Challenged,
    app::Site,
    appearance::Theme,
    domain::field_error::FieldError,
    views::{elements::ProofView, frame::Frame, language::Language, texts::Message},
};

/// The response format and the language of an answer, and the theme and the words of its moment. `Edge` puts it into each request,
/// where handlers find it as `Data<&RequestContext>`.
#[derive(Debug, Clone)]
pub struct RequestContext {
    pub response_format: ResponseFormat,
    pub language: Language,
    pub theme: Arc<Theme>,
    /// Address of the request: a form comes back on a page with others.
    uri: Uri,
    /// The challenge of the form that comes back.
    proof: OnceLock<ProofView>,
}

impl RequestContext {
    #[must_use]
    pub fn of(request: &Request, site: &Site) -> Self {
        let theme = site.theme.current();
        let response_format = ResponseFormat::of(request);
        let language = language::of(request, response_format, theme.languages());
        Self { response_format, language, theme, uri: request.uri().clone(), proof: OnceLock::new() }
    }

    #[must_use]
    pub fn say(&self, message: &Message) -> String {
        self.theme.texts.say(self.language, message)
    }

    /// What to do about a fault of the input.
    #[must_use]
    pub fn explain(&self, error: FieldError) -> String {
        self.say(&words::message(error))
    }

    /// What a page stands in that is not at its address in another language too.
    #[must_use]
    pub fn frame_alone(&self) -> Frame {
        Frame { languages: Vec::new(), ..self.frame() }
    }

    /// What a page stands in.
    #[must_use]
    pub fn frame(&self) -> Frame {
        let proof = self.proof.get().cloned().unwrap_or_default();
        Frame { proof, ..self.theme.frame(self.language) }
    }

    /// From now on pages have this challenge in the form that was sent.
    pub fn ask(&self, challenged: &Challenged) {
        // Once for each request.
        let _ = self.proof.set(words::proof(challenged, self.uri.path()));
    }
}
