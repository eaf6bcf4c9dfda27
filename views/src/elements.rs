//! The parts that pages are made of; each has its template in `templates/elements/`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::texts::Message;

/// One thing that is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// `name` of the input.
    pub field: Cow<'static, str>,
    pub message: Message,
}

/// An input with its label, hint and error: `elements/field.html`, or `elements/checkbox.html` for a kind of its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FieldView {
    /// `id` of the input; the summary links to it.
    pub id: String,
    /// `name` of the input.
    pub name: Cow<'static, str>,
    pub label: Message,
    /// `type` of the input.
    pub kind: Cow<'static, str>,
    /// What was typed; always empty for a password.
    pub value: String,
    pub autocomplete: Cow<'static, str>,
    /// `inputmode` of the input; empty: what its kind says.
    pub input_mode: Cow<'static, str>,
    /// Empty: none.
    pub hint: Message,
    /// Empty: none.
    pub error: Message,
    pub is_optional: bool,
    /// Whether a checkbox is ticked.
    pub is_checked: bool,
    /// Whether browsers should leave the text alone: no capitals, no spelling.
    pub is_verbatim: bool,
    /// Rules for password generators (Safari's `passwordrules`); empty: none.
    pub password_rules: String,
}

impl FieldView {
    /// `form` begins the id: password managers keep a sign-up form apart from a sign-in form by the ids.
    #[must_use]
    pub fn new(form: &str, name: &'static str, faults: &[Fault]) -> Self {
        let error = faults.iter().find(|fault| fault.field == name);
        Self {
            id: id(form, name),
            name: name.into(),
            error: error.map(|fault| fault.message.clone()).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// For the password that somebody has.
    #[must_use]
    pub fn current_password(form: &str, name: &'static str, faults: &[Fault]) -> Self {
        Self {
            kind: "password".into(),
            autocomplete: "current-password".into(),
            is_verbatim: true,
            ..Self::new(form, name, faults)
        }
    }

    /// For a password that is being chosen, with the rules that the page and password generators are told.
    #[must_use]
    pub fn new_password(form: &str, faults: &[Fault], min: usize, max: usize) -> Self {
        Self {
            autocomplete: "new-password".into(),
            hint: Message::new("register-password-hint").with("min", min),
            password_rules: format!("minlength: {min}; maxlength: {max};"),
            ..Self::current_password(form, "password", faults)
        }
    }

    /// For an email address, with what was typed.
    #[must_use]
    pub fn email(form: &str, value: String, faults: &[Fault]) -> Self {
        Self {
            label: "register-email".into(),
            kind: "email".into(),
            value,
            autocomplete: "email".into(),
            is_verbatim: true,
            ..Self::new(form, "email", faults)
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

/// A check that the browser passes by itself, or by mail: `elements/proof.html`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofView {
    /// Address that the challenged form is sent to: a page may have several forms.
    pub form: String,
    /// What the form brings back; empty: nothing is asked for.
    pub challenge: String,
    /// What is hashed before the number.
    pub salt: String,
    /// What salt and number hash to.
    pub target: String,
    /// Largest number that has to be tried.
    pub most: u32,
    /// Whether the form can be sent without an answer, and the address is proven by mail instead.
    pub by_mail: bool,
}

impl ProofView {
    /// Whether any form of the page is challenged.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        !self.challenge.is_empty()
    }

    /// Whether the form that is sent to this address is challenged.
    #[must_use]
    pub fn is_for(&self, form: &str) -> bool {
        self.is_asked() && self.form == form
    }
}

/// A line of the error summary: `elements/error_summary.html`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SummaryItem {
    pub text: Message,
    /// Where it leads; empty: nowhere.
    pub href: String,
}

/// The summary of a form: a state of the service first, which leads nowhere, then each fault.
#[must_use]
pub fn summary(form: &str, faults: &[Fault], notice: Option<Message>) -> Vec<SummaryItem> {
    let notice = notice.map(|text| SummaryItem { text, href: String::new() });
    let faults = faults.iter().map(|fault| {
        // Nobody sees the input of a token.
        let href = if fault.field == "token" { String::new() } else { format!("#{}", id(form, &fault.field)) };
        SummaryItem { text: fault.message.clone(), href }
    });
    notice.into_iter().chain(faults).collect()
}

fn id(form: &str, field: &str) -> String {
    format!("{form}-{}", field.replace('_', "-"))
}
