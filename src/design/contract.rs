//! Tables of template values for `docs/design.md`, generated from the source of the views and the gallery's samples.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use serde_json::Value;

use super::fields::{Field, Struct, structs};
use crate::gallery;

/// Longest example, in characters.
const EXAMPLE_CHARACTERS: usize = 60;

/// Markdown: each page and mail with its templates, then their shared parts.
#[must_use]
pub fn markdown(root: &Path) -> String {
    let known = structs(root);
    let mut examples = BTreeMap::new();
    let mut views: Vec<(&str, Vec<String>, &Struct)> = Vec::new();
    for state in gallery::states() {
        if views.iter().any(|(view, ..)| *view == state.view) {
            continue;
        }
        let Some(described) = known.iter().find(|known| known.name == state.type_name) else { continue };
        for sample in &gallery::fields(state.view) {
            collect(described, sample, &known, &mut examples);
        }
        views.push((state.view, state.templates(), described));
    }

    let mut page = String::new();
    for (view, templates, described) in &views {
        let templates: Vec<String> = templates.iter().map(|path| format!("`{path}`")).collect();
        let prefix = if view.starts_with("mail_") { "mail." } else { "" };
        let _ = writeln!(page, "### {view}\n\n{}: {}\n", templates.join(", "), described.doc);
        table(&mut page, described, prefix, &examples);
    }
    for described in known.iter().filter(|known| examples.keys().any(|(owner, _)| *owner == known.name)) {
        if views.iter().any(|(_, _, view)| view.name == described.name) {
            continue;
        }
        let _ = writeln!(page, "### {}\n\n{}\n", described.name, described.doc);
        table(&mut page, described, "", &examples);
    }
    format!("{}\n", page.trim_end())
}

/// By struct and field.
type Examples = BTreeMap<(String, String), String>;

/// The first non-empty value of each field.
fn collect(described: &Struct, sample: &Value, known: &[Struct], examples: &mut Examples) {
    for field in &described.fields {
        let Some(value) = sample.get(&field.name) else { continue };
        let kind = field.kind.strip_prefix("list of ").unwrap_or(&field.kind);
        if let Some(part) = known.iter().find(|known| known.name == kind) {
            let parts = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            for value in parts {
                collect(part, &value, known, examples);
            }
            continue;
        }
        let shown = show(value);
        let example = examples.entry((described.name.clone(), field.name.clone())).or_default();
        if example.is_empty() {
            *example = shown;
        }
    }
}

fn show(value: &Value) -> String {
    let text = match value {
        Value::Bool(value) => if *value { "yes" } else { "no" }.to_owned(),
        Value::String(text) => text.clone(),
        // A message: its key and argument names.
        Value::Object(message) => match (message.get("key"), message.get("arguments")) {
            (Some(Value::String(key)), Some(Value::Array(arguments))) if !arguments.is_empty() => {
                let names = arguments.iter().filter_map(|argument| argument.get(0)?.as_str());
                format!("{key} with {}", names.collect::<Vec<_>>().join(", "))
            }
            (Some(Value::String(key)), _) => key.clone(),
            _ => String::new(),
        },
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Array(_) => String::new(),
    };
    let text = text.replace('|', "\\|").replace('\n', " ");
    if text.chars().count() > EXAMPLE_CHARACTERS {
        text.chars().take(EXAMPLE_CHARACTERS).chain(['…']).collect()
    } else {
        text
    }
}

fn table(page: &mut String, described: &Struct, prefix: &str, examples: &Examples) {
    page.push_str("| name | kind | meaning | example |\n|---|---|---|---|\n");
    for Field { name, kind, doc } in &described.fields {
        let example = examples.get(&(described.name.clone(), name.clone())).filter(|example| !example.is_empty());
        let example = example.map(|example| format!("`{example}`")).unwrap_or_default();
        let _ = writeln!(page, "| `{prefix}{name}` | {kind} | {} | {example} |", doc.replace('|', "\\|"));
    }
    page.push('\n');
}
