//! Errors of an edit, for designers: file, line and available names.

use std::{collections::BTreeSet, fs, path::Path};

use regex::Regex;
use serde::Serialize;
use serde_json::Value;

use super::{
    checkout::relative_to_root,
    fields::{Struct, structs},
};
use crate::{
    appearance::{Theme, custom::wording::similar},
    gallery,
    views::{language::Language, texts::Problem},
};

/// Lines shown before and after the invalid one.
const EXCERPT_LINES: usize = 2;

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Mistake {
    /// Path from the root of the checkout.
    pub file: String,
    /// From 1.
    pub line: usize,
    pub message: String,
    /// Advice; empty if the message has it.
    pub hint: String,
    /// Surrounding lines, each with its number.
    pub excerpt: Vec<(usize, String)>,
}

impl Mistake {
    pub(super) fn new(file: &str, line: usize, message: String) -> Self {
        Self { file: file.to_owned(), line, message, ..Self::default() }
    }

    pub(super) fn of_problems(problems: Vec<Problem>, root: &Path) -> Self {
        let more = problems.len().saturating_sub(1);
        let Some(first) = problems.into_iter().next() else { return Self::default() };
        let hint = if more > 0 { format!("and {more} more") } else { String::new() };
        let excerpt = fs::read_to_string(&first.file).map(|text| excerpt(&text, first.line)).unwrap_or_default();
        Self { file: relative_to_root(&first.file, root), line: first.line, message: first.advice, hint, excerpt }
    }

    pub(super) fn into_problem(self) -> Problem {
        let advice =
            [self.message, self.hint].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(". ");
        Problem { file: self.file, line: self.line, advice }
    }

    /// From a compiler error, which names views and fields instead of templates and lines.
    pub(super) fn of_compiler(message: &Value, root: &Path) -> Self {
        let text = message.get("message").and_then(Value::as_str).unwrap_or_default();
        let span = message.pointer("/spans/0");
        let source = span.and_then(|span| span.get("file_name")?.as_str()).unwrap_or_default();
        let at = span
            .and_then(|span| span.get("line_start")?.as_u64())
            .and_then(|line| usize::try_from(line).ok())
            .unwrap_or(1);
        let mut mistake =
            in_template(text, root).or_else(|| unknown_name(text, source, at, root)).unwrap_or_else(|| {
                let file = template_at(source, at, root)
                    .map_or_else(|| relative_to_root(source, root), |file| format!("templates/{file}"));
                let hint = general_hint(text);
                Self { hint, ..Self::new(&file, 1, text.lines().next().unwrap_or_default().to_owned()) }
            });
        if let Ok(text) = fs::read_to_string(root.join(&mistake.file)) {
            mistake.excerpt = excerpt(&text, mistake.line);
        }
        mistake
    }
}

/// Advice on type errors, whose line is unknown.
fn general_hint(text: &str) -> String {
    if text.contains("PrimitiveType") || text.contains("expected `bool`") || text.contains("as_bool") {
        "{% if … %} needs yes or no: for a text write !x.is_empty(), for a method add ()".to_owned()
    } else if text.contains("askama_auto_escape") || text.contains("FastWritable") || text.contains("Display") {
        "a value is not text: add |t to a text of locales/, or () to a method".to_owned()
    } else {
        String::new()
    }
}

/// Errors of Askama, which name file and line.
fn in_template(text: &str, root: &Path) -> Option<Mistake> {
    if let Some(name) = text.strip_prefix("template \"").and_then(|rest| rest.split('"').next())
        && !text.contains("--> ")
    {
        return Some(Mistake::new(&format!("templates/{name}"), 1, "template not found".to_owned()));
    }
    let place = text.lines().find_map(|line| line.trim().strip_prefix("--> "))?;
    let mut parts = place.rsplitn(3, ':');
    let (_column, line, file) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    let message = text.lines().next().unwrap_or_default();
    let hint = if let Some(name) = message.strip_prefix("template \"").and_then(|rest| rest.split('"').next()) {
        let known = files(&root.join("templates"), root);
        let known: Vec<String> =
            known.iter().filter_map(|path| path.strip_prefix("templates/")).map(str::to_owned).collect();
        format!("there is no templates/{name}{}", similar(name, known.iter()))
    } else if message.contains("endif") || message.contains("endfor") || message.contains("endblock") {
        "an {% if %}, {% for %} or {% block %} above has no end, or one too many".to_owned()
    } else {
        "look for a {{ or {% that is not closed, for 'single quotes', and for and, or, not, elseif: write \"…\", &&, ||, !, else if"
            .to_owned()
    };
    let message = message.split(" not found in directories").next().unwrap_or(message);
    let message = if message.starts_with("template ") { format!("{message} not found") } else { message.to_owned() };
    Some(Mistake { file: relative_to_root(file, root), line, message, hint, excerpt: Vec::new() })
}

/// Compiler errors on unknown names in a template.
#[expect(clippy::expect_used, reason = "the patterns are constants")]
fn unknown_name(text: &str, source: &str, at: usize, root: &Path) -> Option<Mistake> {
    let field = Regex::new(r"no (?:field|method named) `(\w+)` (?:found for [a-z]+ )?(?:on|in|for) (?:type )?(?:struct |reference )?`?&*(?:'\w+ )?(?:\w+::)*(?:Arc<)?(?:\w+::)*(\w+)").expect("a pattern");
    let filter = Regex::new(r"cannot find (?:[a-z, ]+ )?`(\w+)` in (?:module )?`?filters").expect("a pattern");
    let method =
        Regex::new(r"attempted to take value of method `(\w+)` on type `&*(?:\w+::)*(\w+)").expect("a pattern");
    let value = Regex::new(r"cannot find value `(\w+)` in this scope").expect("a pattern");
    let known = structs(root);
    let mut owner = None;
    let (name, message, hint) = if let Some(found) = field.captures(text) {
        let (name, kind) = (found.get(1)?.as_str(), found.get(2)?.as_str());
        if matches!(kind, "Subject" | "Text" | "Html") {
            let (file, line) = used_at(name, None, &templates_at(source, at, None, root), root)?;
            let message = format!("“{name}” is not defined in a mail");
            let hint = format!("fields of a mail need a prefix: mail.{name}");
            return Some(Mistake { file, line, message, hint, excerpt: Vec::new() });
        }
        let described = known.iter().find(|known| known.name == kind)?;
        owner = Some(described);
        let page = match described {
            Struct { name, .. } if name.ends_with("Mail") => "this mail".to_owned(),
            Struct { template, .. } if !template.is_empty() => "this page".to_owned(),
            Struct { name, .. } => format!("“{name}”"),
        };
        (name, format!("“{name}” is not offered to {page}"), offers(name, described))
    } else if let Some(found) = filter.captures(text) {
        let name = found.get(1)?.as_str();
        let hint = "use t, with, around, asset, isolated, or one of Askama".to_owned();
        (name, format!("there is no filter “{name}”"), hint)
    } else if let Some(found) = method.captures(text) {
        let (name, kind) = (found.get(1)?.as_str(), found.get(2)?.as_str());
        owner = known.iter().find(|known| known.name == kind);
        (name, format!("“{name}” is a method"), format!("write {name}()"))
    } else if let Some(found) = value.captures(text) {
        let name = found.get(1)?.as_str();
        (name, format!("“{name}” is not defined here"), format!("define it first: {{% let {name} = … %}}"))
    } else {
        return None;
    };
    let (file, line) = used_at(name, owner, &templates_at(source, at, owner, root), root)?;
    Some(Mistake { file, line, message, hint, excerpt: Vec::new() })
}

fn offers(name: &str, owner: &Struct) -> String {
    let names: Vec<String> = owner.fields.iter().map(|field| field.name.clone()).collect();
    let listed =
        owner.fields.iter().map(|field| format!("{} ({})", field.name, field.kind)).collect::<Vec<_>>().join(", ");
    let meant = similar(name, names.iter()).replacen("; did", "Did", 1);
    format!("{meant}{}It offers: {listed}", if meant.is_empty() { "" } else { " " })
}

/// File and line of the first use of a name in these templates and their includes.
fn used_at(name: &str, owner: Option<&Struct>, templates: &[String], root: &Path) -> Option<(String, usize)> {
    // Fields of a page have no prefix; those of its parts and of mails follow a dot.
    let is_page = owner.is_none_or(|owner| !owner.template.is_empty());
    let before = if is_page { r"(?:^|[^\w.])" } else { r"\." };
    let pattern = Regex::new(&format!(r"{before}{}\b", regex::escape(name))).ok()?;
    let uses = |line: &str| pattern.is_match(&code(line).replace(&format!("block {name}"), ""));
    reached(templates.to_vec(), root).into_iter().find_map(|file| {
        let text = fs::read_to_string(root.join("templates").join(&file)).ok()?;
        let line = text.lines().position(uses)?;
        Some((format!("templates/{file}"), line + 1))
    })
}

/// The templates of the view at this line of the source.
fn templates_at(source: &str, line: usize, owner: Option<&Struct>, root: &Path) -> Vec<String> {
    if let Some(path) = template_at(source, line, root) {
        return vec![path];
    }
    // Mails are three templates behind one macro.
    let mail =
        owner.and_then(|owner| gallery::states().iter().find(|state| state.is_mail && state.type_name == owner.name));
    let paths = mail.map_or_else(|| files(&root.join("templates/mails"), root), |state| state.templates());
    paths.iter().filter_map(|path| path.strip_prefix("templates/")).map(str::to_owned).collect()
}

/// The code in `{{ }}` and `{% %}` of a line.
fn code(line: &str) -> String {
    let inside = |open: &str, close: &str| -> Vec<String> {
        line.split(open).skip(1).filter_map(|part| Some(part.split(close).next()?.to_owned())).collect()
    };
    [inside("{{", "}}"), inside("{%", "%}")].concat().join(" ; ")
}

/// The template of the view at this line of the source.
fn template_at(source: &str, line: usize, root: &Path) -> Option<String> {
    let text = fs::read_to_string(root.join(source)).ok()?;
    let mut near = text.lines().skip(line.saturating_sub(1)).take(3);
    near.find_map(|line| Some(line.split("path = \"").nth(1)?.split('"').next()?.to_owned()))
}

/// These templates and all that they extend or include.
fn reached(first: Vec<String>, root: &Path) -> Vec<String> {
    let mut reached = first;
    let mut seen: BTreeSet<String> = reached.iter().cloned().collect();
    let mut place = 0;
    while let Some(file) = reached.get(place).cloned() {
        let text = fs::read_to_string(root.join("templates").join(&file)).unwrap_or_default();
        for word in ["extends \"", "include \""] {
            for found in text.split(word).skip(1).filter_map(|rest| rest.split('"').next()) {
                if seen.insert(found.to_owned()) {
                    reached.push(found.to_owned());
                }
            }
        }
        place += 1;
    }
    reached
}

/// Every file under a folder, by its path from the root.
fn files(folder: &Path, root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, root));
        } else {
            found.push(relative_to_root(&path.to_string_lossy(), root));
        }
    }
    found.sort();
    found
}

fn excerpt(text: &str, line: usize) -> Vec<(usize, String)> {
    let first = line.saturating_sub(1 + EXCERPT_LINES);
    let lines = text.lines().enumerate().skip(first).take(2 * EXCERPT_LINES + 1);
    lines.map(|(place, line)| (place + 1, line.to_owned())).collect()
}

/// Renders every state once, which finds missing texts and files.
///
/// # Errors
/// The first one that cannot be rendered.
pub(super) fn render_every_state(theme: &Theme, root: &Path) -> Result<(), Mistake> {
    let Err(error) = gallery::check(theme, &[Language::English]) else { return Ok(()) };
    let (state, message) = (error.state, error.cause);
    // “key” of a text or static/NAME.
    let quoted = message.split('“').nth(1).and_then(|rest| rest.split('”').next());
    let name = quoted.or_else(|| message.split("static/").nth(1)).unwrap_or_default();
    let first =
        state.templates().iter().filter_map(|path| path.strip_prefix("templates/").map(str::to_owned)).collect();
    let place = reached(first, root).into_iter().find_map(|file| {
        let text = fs::read_to_string(root.join("templates").join(&file)).ok()?;
        let line = text.lines().position(|line| !name.is_empty() && line.contains(&format!("\"{name}\"")))? + 1;
        Some((format!("templates/{file}"), line, text))
    });
    let Some((file, line, text)) = place else {
        return Err(Mistake::new(&state.templates().first().cloned().unwrap_or_default(), 1, message));
    };
    let hint = match quoted {
        Some(_) => "add it to locales/en.ftl, or correct the key",
        None => "put the file there, or correct the name",
    };
    Err(Mistake { file, line, message, hint: hint.to_owned(), excerpt: excerpt(&text, line) })
}
