//! Members of a form or JSON body, by name, each at most once.

use std::{borrow::Cow, collections::HashSet, fmt};

use percent_encoding::percent_decode_str;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

use super::error::AppError;
use crate::views::texts::Message;

/// Members by name, each at most once, in the order sent.
#[derive(Debug, Default)]
pub struct Members(Vec<(String, Value)>);

impl Members {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// `MalformedBody` if it is not a JSON object (RFC 8259) or has a duplicate member.
    pub fn from_json(bytes: &[u8]) -> Result<Self, AppError> {
        serde_json::from_slice(bytes).map_err(|error| AppError::MalformedBody(explain(&error)))
    }

    /// Reads `application/x-www-form-urlencoded` as in the URL standard, but rejects invalid UTF-8 instead of replacing
    /// it.
    ///
    /// # Errors
    /// `MalformedBody` for invalid UTF-8 or a duplicate member.
    pub fn from_form(bytes: &[u8]) -> Result<Self, AppError> {
        let not_utf8 = || AppError::MalformedBody("body-not-utf8".into());
        let text = std::str::from_utf8(bytes).map_err(|_| not_utf8())?;
        let mut seen = HashSet::new();
        let mut members = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |part: &str| {
                let part = part.replace('+', " ");
                percent_decode_str(&part).decode_utf8().map(Cow::into_owned).map_err(|_| not_utf8())
            };
            let name = decode(name)?;
            if !seen.insert(name.clone()) {
                return Err(AppError::MalformedBody(DUPLICATE.into()));
            }
            members.0.push((name, Value::String(decode(value)?)));
        }
        Ok(members)
    }

    /// All members; unordered after [`Self::take`].
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there is a member of this name, of any value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.iter().any(|(known, _)| known == name)
    }

    /// Removes a member.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let index = self.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(index).1)
    }

    /// Removes a text member; `null` counts as absent.
    ///
    /// # Errors
    /// `MalformedBody` for a member of another type.
    pub fn text(&mut self, name: &'static str) -> Result<Option<String>, AppError> {
        match self.take(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(AppError::MalformedBody(Message::new("body-member-text").with("name", name))),
        }
    }
}

/// A duplicate member; passed as the text of a serde error.
const DUPLICATE: &str = "body-member-twice";

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;

        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut seen = HashSet::new();
                let mut members = Members::default();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if !seen.insert(name.clone()) {
                        return Err(A::Error::custom(DUPLICATE));
                    }
                    members.0.push((name, value));
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(ObjectVisitor)
    }
}

/// serde's messages are for developers, so only the position is passed on.
fn explain(error: &serde_json::Error) -> Message {
    if error.to_string().starts_with(DUPLICATE) {
        DUPLICATE.into()
    } else if error.is_data() {
        "body-no-object".into()
    } else {
        Message::new("body-not-json").with("line", error.line()).with("column", error.column())
    }
}
