//! Parts of pages; each has its template in `templates/elements/`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::texts::Message;

/// An error of a form field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// `name` of the input.
    pub field: Cow<'static, str>,
    pub message: Message,
}

/// An input with its label, hint and error: `elements/field.html` or `elements/checkbox.html`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FieldView {
    /// `id` of the input; the summary links to it.
    pub id: String,
    /// `name` of the input.
    pub name: Cow<'static, str>,
    pub label: Message,
    /// `type` of the input.
    pub kind: Cow<'static, str>,
    /// Value of the input; always empty for a password.
    pub value: String,
    pub autocomplete: Cow<'static, str>,
    /// `inputmode` of the input; empty for the default.
    pub input_mode: Cow<'static, str>,
    /// Empty if none.
    pub hint: Message,
    /// Empty if none.
    pub error: Message,
    pub is_optional: bool,
    /// Whether the checkbox is checked.
    pub is_checked: bool,
    /// Whether to turn off capitalization and spell checking.
    pub is_verbatim: bool,
    /// Rules for password generators (Safari's `passwordrules`); empty if none.
    pub password_rules: String,
}

impl FieldView {
    /// `form` is the prefix of the id: password managers tell sign-up from login forms by ids.
    #[must_use]
    pub fn new(form: &str, name: &'static str, errors: &[Fault]) -> Self {
        let error = errors.iter().find(|error| error.field == name);
        Self {
            id: id(form, name),
            name: name.into(),
            error: error.map(|error| error.message.clone()).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// The input for a current password.
    #[must_use]
    pub fn current_password(form: &str, name: &'static str, errors: &[Fault]) -> Self {
        Self {
            kind: "password".into(),
            autocomplete: "current-password".into(),
            is_verbatim: true,
            ..Self::new(form, name, errors)
        }
    }

    /// The input for a new password, with its length limits in characters.
    #[must_use]
    pub fn new_password(form: &str, errors: &[Fault], min: usize, max: usize) -> Self {
        Self {
            autocomplete: "new-password".into(),
            hint: Message::new("register-password-hint").with("min", min),
            password_rules: format!("minlength: {min}; maxlength: {max};"),
            ..Self::current_password(form, "password", errors)
        }
    }

    /// The input for an email address, with its value.
    #[must_use]
    pub fn email(form: &str, value: String, errors: &[Fault]) -> Self {
        Self {
            label: "register-email".into(),
            kind: "email".into(),
            value,
            autocomplete: "email".into(),
            is_verbatim: true,
            ..Self::new(form, "email", errors)
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

    /// Value of `aria-describedby`: error first, then hint.
    #[must_use]
    pub fn described_by(&self) -> String {
        let error = self.has_error().then(|| format!("{}-error", self.id));
        let hint = self.has_hint().then(|| format!("{}-hint", self.id));
        [error, hint].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// A proof of work, solved by the browser: `elements/proof.html`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofView {
    /// `action` of the challenged form, since a page may have several forms.
    pub form: String,
    /// Challenge to send back with the form; empty if none.
    pub challenge: String,
    /// Hashed before the number.
    pub salt: String,
    /// Hash of salt and number.
    pub target: String,
    /// Largest number to try.
    pub most: u32,
    /// Whether the form may be sent without a solution, to verify the address by mail instead.
    pub by_mail: bool,
}

impl ProofView {
    /// Whether any form of the page is challenged.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        !self.challenge.is_empty()
    }

    /// Whether the form with this `action` is challenged.
    #[must_use]
    pub fn is_for(&self, form: &str) -> bool {
        self.is_asked() && self.form == form
    }
}

/// A line of the error summary: `elements/error_summary.html`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SummaryItem {
    pub text: Message,
    /// Link to the input; empty if none.
    pub href: String,
}

/// The error summary of a form: first the notice, without a link, then each error.
#[must_use]
pub fn summary(form: &str, errors: &[Fault], notice: Option<Message>) -> Vec<SummaryItem> {
    let notice = notice.map(|text| SummaryItem { text, href: String::new() });
    let errors = errors.iter().map(|error| {
        // The input of a token is hidden.
        let href = if error.field == "token" { String::new() } else { format!("#{}", id(form, &error.field)) };
        SummaryItem { text: error.message.clone(), href }
    });
    notice.into_iter().chain(errors).collect()
}

fn id(form: &str, field: &str) -> String {
    format!("{form}-{}", field.replace('_', "-"))
}
