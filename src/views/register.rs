//! The sign-up page.

use askama::Template;

use super::{
    Samples,
    assets::filters,
    elements::{FieldView, SummaryItem},
};
use crate::accounts::{
    form::{Field, FieldError},
    password::MAX_CHARACTERS,
};

#[derive(Debug, Template)]
#[template(path = "pages/register.html")]
pub struct RegisterPage {
    /// What keeps the form from being taken; empty: nothing.
    pub summary: Vec<SummaryItem>,
    pub full_name: FieldView,
    pub email: FieldView,
    pub password: FieldView,
}

impl RegisterPage {
    /// `notice` stands in the summary by itself: a state of the service rather than a fault of the form.
    #[must_use]
    pub fn new(
        full_name: String,
        email: String,
        password_min_length: usize,
        errors: &[FieldError],
        notice: Option<String>,
    ) -> Self {
        let notice = notice.map(|text| SummaryItem { text, href: String::new() });
        Self {
            summary: notice.into_iter().chain(errors.iter().copied().map(SummaryItem::of)).collect(),
            full_name: FieldView {
                label: "Full name",
                kind: "text",
                value: full_name,
                autocomplete: "name",
                is_optional: true,
                ..FieldView::new(Field::FullName, errors)
            },
            email: FieldView {
                label: "Email address",
                kind: "email",
                value: email,
                autocomplete: "email",
                is_verbatim: true,
                ..FieldView::new(Field::Email, errors)
            },
            password: FieldView {
                label: "Create a password",
                kind: "password",
                autocomplete: "new-password",
                hint: password_hint(password_min_length),
                is_verbatim: true,
                password_rules: format!("minlength: {password_min_length}; maxlength: {MAX_CHARACTERS};"),
                ..FieldView::new(Field::Password, errors)
            },
        }
    }

    #[must_use]
    pub fn has_errors(&self) -> bool {
        !self.summary.is_empty()
    }
}

fn password_hint(min: usize) -> String {
    match min {
        1 => "Any length will do; a few unrelated words are easy to remember and hard to guess.".into(),
        min => format!("{min} characters or more. A few unrelated words are easy to remember and hard to guess."),
    }
}

impl Samples for RegisterPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page =
            |name: &str, email: &str, errors: &[FieldError]| Self::new(name.into(), email.into(), 12, errors, None);
        let mut samples = vec![
            ("empty", page("", "", &[])),
            ("all-missing", page("", "", &[FieldError::EmailMissing, FieldError::PasswordMissing])),
            (
                "every-field-wrong",
                page(
                    "X",
                    "ada.example.com",
                    &[FieldError::FullNameTooShort, FieldError::EmailFormat, FieldError::PasswordTooShort { min: 12 }],
                ),
            ),
            (
                "long-values",
                page(
                    &"Maximiliane ".repeat(10),
                    &format!("{}@example.com", "a".repeat(64)),
                    &[FieldError::PasswordCommon],
                ),
            ),
            (
                "markup",
                page("<b>Ada</b> & \"Co\"", "\"><script>alert(1)</script>@example.com", &[FieldError::EmailFormat]),
            ),
        ];
        samples.extend(
            FieldError::ALL
                .into_iter()
                .filter(|error| error.field() != Field::Username)
                .map(|error| (error.code(), page("Ada Lovelace", "ada@example.com", &[error]))),
        );
        samples
    }
}
