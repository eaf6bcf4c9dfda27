//! Checks text files for unknown keys and values, with the nearest known name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use fluent_syntax::ast;

use crate::views::{
    language::Language,
    texts::{Problem, TextFile, too_deep},
};

/// Known keys, each with the names of its values.
pub struct Offered(BTreeMap<String, BTreeSet<String>>);

impl Offered {
    /// From the English files.
    #[must_use]
    pub fn by(texts: &[TextFile]) -> Self {
        let english = texts.iter().filter(|file| file.language == Language::English);
        Self(english.flat_map(|file| shapes(&file.text)).map(|text| (text.key, text.names)).collect())
    }
}

/// Checks a file for unknown or repeated keys, unknown values, unsupported Fluent and long texts. `is_custom`: a file
/// of `CUSTOM_DIR`.
#[must_use]
pub fn check(file: &TextFile, Offered(english): &Offered, is_custom: bool) -> Vec<Problem> {
    if let Some(problem) = too_deep(file) {
        return vec![problem];
    }
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for text in shapes(&file.text) {
        let mut report = |advice: String| problems.push(Problem { file: file.path.clone(), line: text.line, advice });
        match english.get(&text.key) {
            None => report(format!("there is no text “{}”{}", text.key, similar(&text.key, english.keys()))),
            Some(offered) => {
                for name in text.names.difference(offered) {
                    let offered: Vec<String> = offered.iter().map(|name| format!("{{ ${name} }}")).collect();
                    let offered = if offered.is_empty() { "nothing".to_owned() } else { offered.join(", ") };
                    report(format!("“{}” cannot fill in {{ ${name} }}; it offers {offered}", text.key));
                }
            }
        }
        if !seen.insert(text.key.clone()) {
            report(format!("“{}” is defined twice: remove one", text.key));
        }
        if is_custom && file.language == Language::English && is_fixed(&text.key) {
            report(format!("clients compare “{}” with the English text: do not change it", text.key));
        }
        if text.is_more_than_names {
            report(format!(
                "“{}” uses more of Fluent than {{ $name }} and selectors on it: write the text out",
                text.key
            ));
        }
        if text.bytes > MAX_BYTES {
            report(format!("“{}” is over {MAX_BYTES} bytes: make it shorter", text.key));
        }
    }
    problems
}

/// Longest text, in bytes of its source.
const MAX_BYTES: usize = 4000;

/// One text of a file.
pub struct Shape {
    /// `key`, or `key.attribute`.
    pub key: String,
    /// Names of its values, without `$`.
    pub names: BTreeSet<String>,
    /// From 1.
    pub line: usize,
    /// Whether it has more than text, `{ $name }`, literals, and selectors on a name. References, functions and nested
    /// braces can loop, grow or fail.
    pub is_more_than_names: bool,
    /// Of its text and literals.
    pub bytes: usize,
}

/// Texts that clients compare word for word.
fn is_fixed(key: &str) -> bool {
    key.starts_with("taken-") || matches!(key, "error-unauthenticated" | "error-incorrect_credentials")
}

/// Every valid text of a file.
#[must_use]
pub fn shapes(source: &str) -> Vec<Shape> {
    let resource = fluent_syntax::parser::parse(source).unwrap_or_else(|(resource, _)| resource);
    let keys =
        source.lines().enumerate().filter_map(|(place, line)| Some((line.split_once('=')?.0.trim_end(), place + 1)));
    let lines: HashMap<&str, usize> = keys.collect();
    let mut found = Vec::new();
    for entry in &resource.body {
        let ast::Entry::Message(message) = entry else { continue };
        let line = lines.get(message.id.name).copied().unwrap_or(1);
        let whole = message.value.as_ref().map(|value| (message.id.name.to_owned(), value));
        let attributes = message
            .attributes
            .iter()
            .map(|attribute| (format!("{}.{}", message.id.name, attribute.id.name), &attribute.value));
        for (key, pattern) in whole.into_iter().chain(attributes) {
            let mut shape = Shape { key, names: BTreeSet::new(), line, is_more_than_names: false, bytes: 0 };
            shape.collect(pattern);
            found.push(shape);
        }
    }
    found
}

impl Shape {
    fn collect(&mut self, pattern: &ast::Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                ast::PatternElement::TextElement { value } => self.bytes += value.len(),
                ast::PatternElement::Placeable { expression } => match expression {
                    ast::Expression::Inline(inline) => self.collect_inline(inline),
                    ast::Expression::Select { selector, variants } => {
                        self.collect_inline(selector);
                        for variant in variants {
                            self.collect(&variant.value);
                        }
                    }
                },
            }
        }
    }

    fn collect_inline(&mut self, inline: &ast::InlineExpression<&str>) {
        match inline {
            ast::InlineExpression::VariableReference { id } => {
                self.names.insert(id.name.to_owned());
            }
            ast::InlineExpression::StringLiteral { value } => self.bytes += value.len(),
            _ => self.is_more_than_names = true,
        }
    }
}

/// “; did you mean …?” if a known name is within a small edit distance.
#[must_use]
pub fn similar<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> String {
    let nearest = known.map(|known| (strsim::damerau_levenshtein(name, known), known)).min();
    match nearest {
        Some((distance, known)) if distance <= 1 + name.len() / 5 => format!("; did you mean “{known}”?"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::texts::embedded;

    fn check_custom(file: &TextFile) -> Vec<Problem> {
        check(file, &Offered::by(&embedded()), true)
    }

    #[test]
    fn unknown_keys_and_placeholders_get_a_suggestion() {
        let file = |text: &str| TextFile { language: Language::German, path: "de.ftl".into(), text: text.into() };
        assert_eq!(check_custom(&file("email_taken = Schon da.\nwelcome-made-for = Für { $address }.")), []);
        let problems = check_custom(&file(
            "a = 1\nregister-titel = Hallo\npassword_too_short = { $minimum } Zeichen\nmail-from = { $brand }",
        ));
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "de.ftl:1: there is no text “a”",
                "de.ftl:2: there is no text “register-titel”; did you mean “register-title”?",
                "de.ftl:3: “password_too_short” cannot fill in { $minimum }; it offers { $min }",
            ]
        );
        for text in ["{ register-title }", "{ -brand }", "{ NUMBER(1) }", "{ { \"x\" } }", "{ 1.000 }"] {
            let told = check_custom(&file(&format!("register-title = {text}")));
            assert!(told.len() == 1, "{text}: {told:?}");
            assert!(told[0].advice.contains("uses more of Fluent"), "{text}: {told:?}");
        }
        let long = check_custom(&file(&format!("register-title = {}", "a".repeat(4001))));
        assert!(long.len() == 1, "{long:?}");
        assert!(long[0].advice.contains("over 4000 bytes"), "{long:?}");
    }
}
