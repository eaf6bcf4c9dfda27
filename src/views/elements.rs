//! The parts that pages are made of; each has its template in `templates/elements/`.

use crate::accounts::form::{Field, FieldError};

/// An input with its label, hint and error: `elements/field.html`.
#[derive(Debug, Clone, Default)]
pub struct FieldView {
    /// `id` of the input; the summary links to it.
    pub id: String,
    /// `name` of the input.
    pub name: &'static str,
    pub label: &'static str,
    /// `type` of the input.
    pub kind: &'static str,
    /// What was typed; always empty for a password.
    pub value: String,
    pub autocomplete: &'static str,
    /// Empty: none.
    pub hint: String,
    /// Empty: none.
    pub error: String,
    pub is_optional: bool,
    /// Whether browsers should leave the text alone: no capitals, no spelling.
    pub is_verbatim: bool,
    /// Rules for password generators (Safari's `passwordrules`); empty: none.
    pub password_rules: String,
}

impl FieldView {
    #[must_use]
    pub fn new(field: Field, errors: &[FieldError]) -> Self {
        let error = errors.iter().find(|error| error.field() == field);
        Self {
            id: id(field),
            name: field.name(),
            error: error.map(|error| error.message()).unwrap_or_default(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn has_hint(&self) -> bool {
        !self.hint.is_empty()
    }

    #[must_use]
    pub fn has_error(&self) -> bool {
        !self.error.is_empty()
    }

    #[must_use]
    pub fn is_password(&self) -> bool {
        self.kind == "password"
    }

    /// The value of `aria-describedby`: the error first, then the hint.
    #[must_use]
    pub fn described_by(&self) -> String {
        let error = self.has_error().then(|| format!("{}-error", self.id));
        let hint = self.has_hint().then(|| format!("{}-hint", self.id));
        [error, hint].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// A line of the error summary: `elements/error_summary.html`.
#[derive(Debug, Clone)]
pub struct SummaryItem {
    pub text: String,
    /// Where it leads; empty: nowhere.
    pub href: String,
}

impl SummaryItem {
    #[must_use]
    pub fn of(error: FieldError) -> Self {
        Self { text: error.message(), href: format!("#{}", id(error.field())) }
    }
}

/// Not the bare name: password managers keep a sign-up form apart from a sign-in form by the ids.
fn id(field: Field) -> String {
    format!("register-{}", field.name().replace('_', "-"))
}
