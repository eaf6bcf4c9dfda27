//! Template filters in addition to Askama's.
#![expect(clippy::inline_always, clippy::missing_errors_doc, reason = "written by the macro")]

use std::{any::Any, sync::Arc};

use askama::{Values, get_value};

use crate::{
    frame::Resources,
    language::{Direction, Language},
    texts::{Argument, Message, Texts},
};

/// What filters need besides their arguments.
pub struct RenderContext {
    pub texts: Arc<Texts>,
    pub language: Language,
    pub resources: Arc<Resources>,
    /// Mails cannot show static files.
    pub is_mail: bool,
}

const CONTEXT: &str = "context";

impl Values for RenderContext {
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn Any> {
        (key == CONTEXT).then_some(self as &dyn Any)
    }
}

/// A reference to a text: its key, or a message with arguments.
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

/// A value that a text can contain.
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

/// The text around an element that the template writes.
pub struct Around {
    pub before: String,
    pub after: String,
}

fn find(message: &Message, values: &dyn Values) -> askama::Result<String> {
    if message.is_empty() {
        return Ok(String::new());
    }
    let context: &RenderContext = get_value(values, CONTEXT)?;
    if let Some(name) = context.texts.missing(context.language, message) {
        let advice = format!("“{}” needs {{ ${name} }}: write |with(\"{name}\", …) before |t", message.key);
        return Err(askama::Error::custom(advice));
    }
    let text = context.texts.find(context.language, message);
    text.ok_or_else(|| askama::Error::custom(format!("there is no text “{}” in locales/en.ftl", message.key)))
}

/// `{{ "register-title"|t }}` is that text in the language of the page.
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
/// template can wrap it in an element.
#[askama::filter_fn]
pub fn around<K: Key>(key: K, values: &dyn Values, name: &'static str) -> askama::Result<Around> {
    // A noncharacter, reserved for internal use: no text or name contains it.
    const PLACE: &str = "\u{FDD0}";
    let text = find(&key.message().with(name, PLACE), values)?;
    // The pseudo-language does not change arguments. An element that the text omits comes last.
    let (before, after) =
        text.split_once(PLACE).map_or_else(|| (format!("{text} "), ""), |(before, after)| (before.to_owned(), after));
    Ok(Around { before, after: after.replace(PLACE, "") })
}

/// `{{ mail.time|isolated }}` isolates left-to-right text in right-to-left plain text; HTML has `<bdi>`.
#[askama::filter_fn]
pub fn isolated(text: &str, values: &dyn Values) -> askama::Result<String> {
    let context: &RenderContext = get_value(values, CONTEXT)?;
    Ok(match context.language.direction() {
        Direction::LeftToRight => text.to_owned(),
        Direction::RightToLeft => format!("\u{2068}{text}\u{2069}"),
    })
}

/// `{{ "form.js"|asset }}` is the URL of that file of `static/`.
#[askama::filter_fn]
pub fn asset(name: &str, values: &dyn Values) -> askama::Result<String> {
    let context: &RenderContext = get_value(values, CONTEXT)?;
    if context.is_mail {
        return Err(askama::Error::custom(format!("mails show no static/{name}")));
    }
    let url = context.resources.files.get(name).cloned();
    url.ok_or_else(|| askama::Error::custom(format!("there is no file static/{name}")))
}
