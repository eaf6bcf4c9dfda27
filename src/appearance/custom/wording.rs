//! Texts that an operator words anew: a key we never say or a value we never fill in is told, with what is meant.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast;

use crate::views::texts::{EMBEDDED, Problem, TextFile};

/// Keys that we never say, and names that we never fill in.
#[must_use]
pub fn check(file: &TextFile) -> Vec<Problem> {
    let [(_, english), ..] = EMBEDDED;
    let english: BTreeMap<String, BTreeSet<String>> =
        shapes(english).into_iter().map(|text| (text.key, text.names)).collect();
    let mut problems = Vec::new();
    for text in shapes(&file.text) {
        let mut tell = |advice: String| problems.push(Problem { file: file.path.clone(), line: text.line, advice });
        match english.get(&text.key) {
            None => tell(format!("there is no text “{}”{}", text.key, similar(&text.key, english.keys()))),
            Some(offered) => {
                for name in text.names.difference(offered) {
                    let offered: Vec<String> = offered.iter().map(|name| format!("{{ ${name} }}")).collect();
                    let offered = if offered.is_empty() { "nothing".to_owned() } else { offered.join(", ") };
                    tell(format!("“{}” cannot fill in {{ ${name} }}; it offers {offered}", text.key));
                }
            }
        }
    }
    problems
}

/// One text of a file.
pub struct Shape {
    /// `key`, or `key.attribute`.
    pub key: String,
    /// What it fills in, without the `$`.
    pub names: BTreeSet<String>,
    /// From 1.
    pub line: usize,
}

/// Every text of a file, as far as it is Fluent.
#[must_use]
pub fn shapes(source: &str) -> Vec<Shape> {
    let resource = fluent_syntax::parser::parse(source).unwrap_or_else(|(resource, _)| resource);
    let mut found = Vec::new();
    for entry in &resource.body {
        let ast::Entry::Message(message) = entry else { continue };
        let line =
            source.lines().position(|line| line.split('=').next().is_some_and(|key| key.trim_end() == message.id.name));
        let line = line.map_or(1, |line| line + 1);
        let whole = message.value.as_ref().map(|value| (message.id.name.to_owned(), value));
        let attributes = message
            .attributes
            .iter()
            .map(|attribute| (format!("{}.{}", message.id.name, attribute.id.name), &attribute.value));
        for (key, pattern) in whole.into_iter().chain(attributes) {
            let mut names = BTreeSet::new();
            collect_names(pattern, &mut names);
            found.push(Shape { key, names, line });
        }
    }
    found
}

fn collect_names(pattern: &ast::Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            collect_from(expression, names);
        }
    }
}

fn collect_from(expression: &ast::Expression<&str>, names: &mut BTreeSet<String>) {
    match expression {
        ast::Expression::Inline(inline) => collect_from_inline(inline, names),
        ast::Expression::Select { selector, variants } => {
            collect_from_inline(selector, names);
            for variant in variants {
                collect_names(&variant.value, names);
            }
        }
    }
}

fn collect_from_inline(inline: &ast::InlineExpression<&str>, names: &mut BTreeSet<String>) {
    match inline {
        ast::InlineExpression::VariableReference { id } => {
            names.insert(id.name.to_owned());
        }
        ast::InlineExpression::Placeable { expression } => collect_from(expression, names),
        ast::InlineExpression::FunctionReference { arguments, .. } => {
            for argument in &arguments.positional {
                collect_from_inline(argument, names);
            }
        }
        _ => {}
    }
}

/// “; did you mean …?” where a known name differs by a letter or two.
#[must_use]
pub fn similar<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> String {
    let nearest = known.map(|known| (strsim::levenshtein(name, known), known)).min();
    match nearest {
        Some((distance, known)) if distance <= 1 + name.len() / 5 => format!("; did you mean “{known}”?"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::language::Language;

    #[test]
    fn unknown_keys_and_values_are_told_with_what_is_meant() {
        let file = |text: &str| TextFile { language: Language::German, path: "de.ftl".into(), text: text.into() };
        assert_eq!(check(&file("email_taken = Schon da.\nwelcome-made-for = Für { $address }.")), []);
        let problems = check(&file(
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
    }
}
