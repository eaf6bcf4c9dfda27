//! The filters that templates have besides Askama's own.
#![expect(clippy::inline_always, clippy::missing_errors_doc, reason = "written by the macro")]

use std::{any::Any, sync::Arc};

use askama::{Values, get_value};

use crate::{
    frame::Resources,
    language::{Direction, Language},
    texts::{Argument, Message, Texts},
};

/// What filters know besides their arguments: who is spoken to, and in which words.
pub struct Voice {
    pub texts: Arc<Texts>,
    pub language: Language,
    pub resources: Arc<Resources>,
    /// A mail is read elsewhere, where no address of ours leads.
    pub is_mail: bool,
}

const VOICE: &str = "voice";

impl Values for Voice {
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn Any> {
        (key == VOICE).then_some(self as &dyn Any)
    }
}

/// What names a text: its key, or a message with what is to be filled in.
pub trait Key {
    fn message(&self) -> Message;
}

impl Key for str {
    fn message(&self) -> Message {
        Message::new(self.to_owned())
    }
}

impl Key for Message {
    fn message(&self) -> Message {
        self.clone()
    }
}

impl<K: Key + ?Sized> Key for &K {
    fn message(&self) -> Message {
        (**self).message()
    }
}

/// What can be filled in.
pub trait ToArgument {
    fn to_argument(&self) -> Argument;
}

impl ToArgument for str {
    fn to_argument(&self) -> Argument {
        self.into()
    }
}

impl ToArgument for String {
    fn to_argument(&self) -> Argument {
        self.as_str().into()
    }
}

impl ToArgument for usize {
    fn to_argument(&self) -> Argument {
        (*self).into()
    }
}

impl<A: ToArgument + ?Sized> ToArgument for &A {
    fn to_argument(&self) -> Argument {
        (**self).to_argument()
    }
}

/// A text around something that the template writes itself.
pub struct Around {
    pub before: String,
    pub after: String,
}

fn find(message: &Message, values: &dyn Values) -> askama::Result<String> {
    if message.is_empty() {
        return Ok(String::new());
    }
    let voice: &Voice = get_value(values, VOICE)?;
    if let Some(name) = voice.texts.missing(voice.language, message) {
        let words = format!("“{}” fills in {{ ${name} }}: write |with(\"{name}\", …) before |t", message.key);
        return Err(askama::Error::custom(words));
    }
    let text = voice.texts.find(voice.language, message);
    text.ok_or_else(|| askama::Error::custom(format!("there is no text “{}” in locales/en.ftl", message.key)))
}

/// `{{ "register-title"|t }}` is that text in the reader's language.
#[askama::filter_fn]
pub fn t<K: Key>(key: K, values: &dyn Values) -> askama::Result<String> {
    find(&key.message(), values)
}

/// `{{ "mail-from"|with("brand", name)|t }}` fills in `{ $brand }`.
#[askama::filter_fn]
pub fn with<K: Key, A: ToArgument>(key: K, _: &dyn Values, name: &'static str, argument: A) -> askama::Result<Message> {
    Ok(key.message().with(name, argument.to_argument()))
}

/// `{% let made = "welcome-made-for"|around("address") %}` is the text before and after `{ $address }`, so that the
/// template can give it an element of its own.
#[askama::filter_fn]
pub fn around<K: Key>(key: K, values: &dyn Values, name: &'static str) -> askama::Result<Around> {
    // A noncharacter: Unicode keeps it for such uses, so no text and no name holds it.
    const PLACE: &str = "\u{FDD0}";
    let text = find(&key.message().with(name, PLACE), values)?;
    // The pseudo-language changes texts, not what is filled in.
    // A text may leave it out; then it comes last.
    let (before, after) =
        text.split_once(PLACE).map_or_else(|| (format!("{text} "), ""), |(before, after)| (before.to_owned(), after));
    Ok(Around { before, after: after.replace(PLACE, "") })
}

/// `{{ mail.time|isolated }}` keeps its order among words that run from right to left; for plain text, HTML has `<bdi>`.
#[askama::filter_fn]
pub fn isolated(text: &str, values: &dyn Values) -> askama::Result<String> {
    let voice: &Voice = get_value(values, VOICE)?;
    Ok(match voice.language.direction() {
        Direction::LeftToRight => text.to_owned(),
        Direction::RightToLeft => format!("\u{2068}{text}\u{2069}"),
    })
}

/// `{{ "form.js"|asset }}` is the address at which that file of `static/` is served.
#[askama::filter_fn]
pub fn asset(name: &str, values: &dyn Values) -> askama::Result<String> {
    let voice: &Voice = get_value(values, VOICE)?;
    if voice.is_mail {
        return Err(askama::Error::custom(format!("mails show no static/{name}")));
    }
    let url = voice.resources.files.get(name).cloned();
    url.ok_or_else(|| askama::Error::custom(format!("there is no file static/{name}")))
}
