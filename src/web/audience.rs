//! Whom an answer is for.

use std::sync::{Arc, OnceLock};

use poem::{Request, http::Uri};

use super::{face::Face, language, words};
use crate::{
    accounts::{bots::Asked, form::FieldError},
    app::Site,
    appearance::Appearance,
    views::{elements::ProofView, frame::Frame, language::Language, texts::Message},
};

/// The face and the language of an answer, and the look and the words of its moment. `Edge` puts it into each request,
/// where handlers find it as `Data<&Audience>`.
#[derive(Debug, Clone)]
pub struct Audience {
    pub face: Face,
    pub language: Language,
    pub appearance: Arc<Appearance>,
    /// Address of the request: a form comes back on a page with others.
    uri: Uri,
    /// The challenge of the form that comes back.
    proof: OnceLock<ProofView>,
}

impl Audience {
    #[must_use]
    pub fn of(request: &Request, site: &Site) -> Self {
        let appearance = site.appearance.current();
        let face = Face::of(request);
        let language = language::of(request, face, appearance.languages());
        Self { face, language, appearance, uri: request.uri().clone(), proof: OnceLock::new() }
    }

    #[must_use]
    pub fn say(&self, message: &Message) -> String {
        self.appearance.texts.say(self.language, message)
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
        Frame { proof, ..self.appearance.frame(self.language) }
    }

    /// From now on pages have this challenge in the form that was sent.
    pub fn ask(&self, asked: &Asked) {
        // Once for each request.
        let _ = self.proof.set(words::proof(asked, self.uri.path()));
    }
}
