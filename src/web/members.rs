//! The members of a body, by name. Whatever it was, each is there at most once.

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
    /// `MalformedBody` for what is no JSON (RFC 8259) or no object, or where a member is given twice.
    pub fn from_json(bytes: &[u8]) -> Result<Self, AppError> {
        serde_json::from_slice(bytes).map_err(|error| AppError::MalformedBody(explain(&error)))
    }

    /// Reads `application/x-www-form-urlencoded` as the URL standard has it, but what is not UTF-8 is refused rather
    /// than replaced.
    ///
    /// # Errors
    /// `MalformedBody` for what is not UTF-8, or where a member is given twice.
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
                return Err(AppError::MalformedBody(TWICE.into()));
            }
            members.0.push((name, Value::String(decode(value)?)));
        }
        Ok(members)
    }

    /// Every member, in no order once one was taken.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there is a member of this name, whatever it holds.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.iter().any(|(known, _)| known == name)
    }

    /// Takes a member out.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(place).1)
    }

    /// Takes out a member that is text; `null` counts as absent.
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

/// A member that is given twice; serde carries it as the text of an error.
const TWICE: &str = "body-member-twice";

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
                        return Err(A::Error::custom(TWICE));
                    }
                    members.0.push((name, value));
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(ObjectVisitor)
    }
}

/// serde's own words are for programmers of this program, so only the place is passed on.
fn explain(error: &serde_json::Error) -> Message {
    if error.to_string().starts_with(TWICE) {
        TWICE.into()
    } else if error.is_data() {
        "body-no-object".into()
    } else {
        Message::new("body-not-json").with("line", error.line()).with("column", error.column())
    }
}
