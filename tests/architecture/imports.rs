//! Paths in a source file.

use regex::Regex;

/// Every path in the text: those of `use` declarations, with groups expanded, and those in code.
pub fn paths(text: &str) -> Vec<String> {
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    // A visibility is not an import.
    let code = Regex::new(r"pub\(in [^)]*\)").expect("a pattern").replace_all(&code, "pub").into_owned();
    let mut paths = Vec::new();
    for statement in code.split(';') {
        let flat: String = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((_, tree)) =
            flat.rsplit_once("use ").filter(|(before, _)| before.is_empty() || before.ends_with([' ', '}', ']']))
        {
            expand("", tree, &mut paths);
        }
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    paths.extend(
        code.split(|c: char| !is_part(c))
            .filter(|word| word.contains("::") && !word.ends_with("::"))
            .map(str::to_owned),
    );
    paths
}

/// `a::{b, c::{d, e}}` is `a::b`, `a::c::d`, `a::c::e`.
fn expand(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let Some((head, group)) = tree.split_once('{') else {
        paths.push(format!("{prefix}{}", tree.split(" as ").next().unwrap_or_default().trim()));
        return;
    };
    let prefix = format!("{prefix}{}", head.trim());
    let inner = group.rsplit_once('}').map_or(group, |(inner, _)| inner);
    let (mut depth, mut start) = (0, 0);
    for (place, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&prefix, inner[start..place].trim(), paths);
                start = place + 1;
            }
            _ => {}
        }
    }
    if !inner[start..].trim().is_empty() {
        expand(&prefix, inner[start..].trim(), paths);
    }
}

pub fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// A path from the root of the crate; `None` for another crate. `module`: the module that names it.
pub fn absolute(path: &str, module: &[String]) -> Option<Vec<String>> {
    let parts: Vec<String> = path.split("::").map(str::to_owned).collect();
    let (first, rest) = parts.split_first()?;
    let mut base = match first.as_str() {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module.get(..module.len().checked_sub(1)?)?.to_vec(),
        _ => return None,
    };
    base.extend_from_slice(rest);
    Some(base)
}
