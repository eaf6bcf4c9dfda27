//! The texts of `locales/`, looked up by key.

use std::{borrow::Cow, collections::HashMap, fmt, fs, io, path::Path, sync::Arc};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use fluent_syntax::parser::ParserError;
use serde::{Deserialize, Serialize};

use crate::{files::is_leftover, language::Language};

/// A text independent of the language: its key in `locales/` and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Message {
    /// `key`, or `key.attribute`; empty if there is no text.
    pub key: Cow<'static, str>,
    pub arguments: Vec<(Cow<'static, str>, Argument)>,
}

/// A value in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Argument {
    /// Selects plurals.
    Number(usize),
    /// Inserted unchanged; pages escape it.
    Text(String),
}

impl Message {
    pub fn new(key: impl Into<Cow<'static, str>>) -> Self {
        Self { key: key.into(), arguments: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, argument: impl Into<Argument>) -> Self {
        self.arguments.push((name.into(), argument.into()));
        self
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.key.is_empty()
    }
}

impl From<&'static str> for Message {
    fn from(key: &'static str) -> Self {
        Self::new(key)
    }
}

impl From<usize> for Argument {
    fn from(number: usize) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A problem in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path as given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What to do about it.
    pub advice: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.advice)
    }
}

/// A file of texts.
#[derive(Debug, Clone)]
pub struct TextFile {
    pub language: Language,
    /// For error messages.
    pub path: String,
    pub text: String,
}

/// The built-in files.
pub const EMBEDDED: [(Language, &str); 7] = [
    (Language::English, include_str!("../../locales/en.ftl")),
    (Language::German, include_str!("../../locales/de.ftl")),
    (Language::French, include_str!("../../locales/fr.ftl")),
    (Language::Spanish, include_str!("../../locales/es.ftl")),
    (Language::BrazilianPortuguese, include_str!("../../locales/pt-BR.ftl")),
    (Language::Japanese, include_str!("../../locales/ja.ftl")),
    (Language::Arabic, include_str!("../../locales/ar.ftl")),
];

/// Deepest nesting of braces in a text.
const MAX_DEPTH: usize = 20;

type Bundle = FluentBundle<Arc<FluentResource>>;

/// The texts of every language. English is the fallback.
pub struct Texts {
    /// One for each file, the highest precedence last. In one for each language an overriding message would drop the
    /// attributes that only the overridden one has.
    bundles: HashMap<Language, Vec<Bundle>>,
    /// Whether a missing argument is an error instead of a gap; set while texts are edited.
    is_strict: bool,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.bundles.keys()).finish()
    }
}

/// The built-in files with their paths.
#[must_use]
pub fn embedded() -> Vec<TextFile> {
    EMBEDDED
        .into_iter()
        .map(|(language, text)| TextFile { language, path: format!("locales/{language}.ftl"), text: text.to_owned() })
        .collect()
}

/// The `LANGUAGE.ftl` files of a folder; languages without one are omitted.
///
/// # Errors
/// An unreadable file, or one whose name is no language.
pub fn read_folder(folder: &Path) -> io::Result<Vec<TextFile>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if is_leftover(&name) || path.extension().is_none_or(|ending| ending != "ftl") {
            continue;
        }
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let shown = path.display().to_string();
        let language = stem
            .parse()
            .map_err(|advice| io::Error::other(format!("{shown}: name the file after a language: {advice}")))?;
        let text =
            fs::read_to_string(&path).map_err(|error| io::Error::new(error.kind(), format!("{shown}: {error}")))?;
        files.push(TextFile { language, path: shown, text });
    }
    files.sort_by_key(|file| file.language);
    Ok(files)
}

impl Texts {
    /// Later files override earlier ones of the same language, text by text and attribute by attribute.
    ///
    /// # Errors
    /// Every syntax error.
    pub fn build(files: &[TextFile]) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut bundles: HashMap<Language, Vec<Bundle>> = HashMap::new();
        let mut add = |language: Language, resource: &Arc<FluentResource>| {
            let mut bundle = bundle(language);
            bundle.add_resource_overriding(Arc::clone(resource));
            bundles.entry(language).or_default().push(bundle);
        };
        for file in files {
            if let Some(problem) = too_deep(file) {
                problems.push(problem);
                continue;
            }
            match FluentResource::try_new(file.text.clone()) {
                Ok(resource) => {
                    let resource = Arc::new(resource);
                    add(file.language, &resource);
                    if file.language == Language::English {
                        add(Language::Pseudo, &resource);
                    }
                }
                Err((_, errors)) => problems.extend(errors.iter().map(|error| explain(file, error))),
            }
        }
        if problems.is_empty() { Ok(Self { bundles, is_strict: false }) } else { Err(problems) }
    }

    /// Makes missing arguments an error.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { is_strict: true, ..self }
    }

    /// The built-in texts.
    ///
    /// # Errors
    /// None; a test ensures it.
    pub fn built_in() -> Result<Self, Vec<Problem>> {
        Self::build(&embedded())
    }

    /// The text in this language, or else in English; `None` if both lack it.
    #[must_use]
    pub fn find(&self, language: Language, message: &Message) -> Option<String> {
        let mut arguments = FluentArgs::with_capacity(message.arguments.len());
        for (name, argument) in &message.arguments {
            let value = match argument {
                Argument::Number(number) => FluentValue::from(*number),
                Argument::Text(text) => FluentValue::from(text.as_str()),
            };
            arguments.set(name.as_ref(), value);
        }
        let (key, attribute) =
            message.key.split_once('.').map_or((&*message.key, None), |(key, attribute)| (key, Some(attribute)));
        let by_precedence = |language| self.bundles.get(&language).into_iter().flatten().rev();
        by_precedence(language).chain(by_precedence(Language::English)).find_map(|bundle| {
            let text = bundle.get_message(key)?;
            let pattern = match attribute {
                Some(attribute) => text.get_attribute(attribute)?.value(),
                None => text.value()?,
            };
            // Errors in a text show as its source; tests and the check of `CUSTOM_DIR` find them earlier.
            Some(bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned())
        })
    }

    /// The first missing argument of a text; `None` unless [`Self::strict`].
    #[must_use]
    pub fn missing(&self, language: Language, message: &Message) -> Option<String> {
        // Called for every text, so it avoids formatting it twice.
        if !self.is_strict {
            return None;
        }
        let text = self.find(language, message)?;
        let (_, rest) = text.split_once("{$")?;
        Some(rest.split('}').next()?.to_owned())
    }

    /// As [`Self::find`]; a missing text is replaced by its key.
    #[must_use]
    pub fn translate(&self, language: Language, message: &Message) -> String {
        if message.is_empty() {
            return String::new();
        }
        self.find(language, message).unwrap_or_else(|| message.key.clone().into_owned())
    }
}

/// Checks the nesting of braces before parsing: the parser recurses and overflows the stack at some thousand levels.
#[must_use]
pub fn too_deep(file: &TextFile) -> Option<Problem> {
    let mut depth = 0_usize;
    for (place, line) in file.text.lines().enumerate() {
        for c in line.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > MAX_DEPTH {
                let advice = format!("braces are nested more than {MAX_DEPTH} deep: close them");
                return Some(Problem { file: file.path.clone(), line: place + 1, advice });
            }
        }
    }
    None
}

fn bundle(language: Language) -> Bundle {
    let code = if language == Language::Pseudo { Language::English.code() } else { language.code() };
    let mut bundle = FluentBundle::new_concurrent(code.parse().into_iter().collect());
    // Pages put user input into <bdi>; subjects and plain text must not have invisible marks.
    bundle.set_use_isolating(false);
    if language == Language::Pseudo {
        bundle.set_transform(Some(pseudo));
    }
    bundle
}

/// Accented, a third longer, in brackets. Surrounding spaces stay outside.
fn pseudo(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return text.into();
    }
    let (before, after) = text.split_once(trimmed).unwrap_or_default();
    let changed: String = trimmed
        .chars()
        .map(|c| match c {
            'a' => 'å',
            'e' => 'é',
            'i' => 'î',
            'o' => 'ö',
            'u' => 'û',
            'y' => 'ý',
            'c' => 'ç',
            'n' => 'ñ',
            's' => 'š',
            'A' => 'Å',
            'E' => 'É',
            'I' => 'Î',
            'O' => 'Ö',
            'U' => 'Û',
            'Y' => 'Ý',
            'C' => 'Ç',
            'N' => 'Ñ',
            'S' => 'Š',
            c => c,
        })
        .collect();
    let longer = "~".repeat(trimmed.chars().count().div_ceil(3));
    format!("{before}[{changed}{longer}]{after}").into()
}

fn explain(file: &TextFile, error: &ParserError) -> Problem {
    // The invalid entry: the parser's position is often a line further.
    let entry = error.slice.clone().unwrap_or_else(|| error.pos.clone());
    let blank = file.text.get(entry.clone()).map_or(0, |text| text.len() - text.trim_start().len());
    let line = file.text.get(..entry.start + blank).unwrap_or_default().matches('\n').count() + 1;
    Problem { file: file.path.clone(), line, advice: format!("this is not Fluent: {error}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(language: Language, text: &str) -> TextFile {
        TextFile { language, path: format!("{language}.ftl"), text: text.into() }
    }

    #[test]
    fn a_text_without_a_translation_falls_back_to_english() {
        let texts = Texts::build(&[
            file(Language::English, "hello = Hello { $name }\n    .again = Back, { $name }?\nbye = Bye"),
            file(Language::German, "hello = Hallo { $name }"),
        ])
        .expect("texts");
        let hello = Message::new("hello").with("name", "Ada");
        assert_eq!(texts.translate(Language::German, &hello), "Hallo Ada");
        assert_eq!(texts.translate(Language::French, &hello), "Hello Ada");
        assert_eq!(texts.translate(Language::German, &Message::new("hello.again").with("name", "Ada")), "Back, Ada?");
        assert_eq!(texts.translate(Language::German, &"bye".into()), "Bye");
        assert_eq!(texts.translate(Language::Pseudo, &"bye".into()), "[Býé~]");
        assert_eq!(texts.translate(Language::English, &"nothing".into()), "nothing");
    }

    #[test]
    fn a_later_file_overrides_text_by_text_and_attribute_by_attribute() {
        let texts = Texts::build(&[
            file(Language::English, "a = A\n    .more = And more\nb = B"),
            file(Language::German, "a = Ah\n    .more = Und mehr"),
            file(Language::English, "a = Aye"),
            file(Language::German, "a = Oh"),
        ])
        .expect("texts");
        for (language, key, said) in [
            (Language::English, "a", "Aye"),
            (Language::English, "a.more", "And more"),
            (Language::English, "b", "B"),
            (Language::German, "a", "Oh"),
            (Language::German, "a.more", "Und mehr"),
        ] {
            assert_eq!(texts.translate(language, &key.into()), said, "{language} {key}");
        }
    }

    #[test]
    fn a_line_that_is_not_valid_fluent_is_named() {
        let problems = Texts::build(&[file(Language::English, "a = A\nb = { $x\nc = C\n")]).expect_err("problems");
        assert_eq!((problems[0].file.as_str(), problems[0].line), ("en.ftl", 2), "{problems:?}");
    }
}
