//! Finds HTML written without a template, and code that turns off Askama's escaping. Files are read as tokens, so
//! macros, groups of imports and line breaks hide nothing.

use std::{collections::BTreeMap, fs, path::Path};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use regex::Regex;

use crate::{files, templates};

/// Allowed names of Askama. Those of `askama::filters`, the source of all unescaped output, are allowed at `SITES`
/// only.
const ASKAMA: &[&str] = &["Error", "Result", "Template", "Values", "filter_fn", "get_value"];

/// Names that declare a value as markup, from any crate.
const MARKUP: &[&str] = &[
    "AutoEscape",
    "AutoEscaper",
    "DynTemplate",
    "EscapeDisplay",
    "Escaper",
    "FastWritable",
    "HTML",
    "Html",
    "HtmlSafe",
    "HtmlSafeOutput",
    "MaybeSafe",
    "Safe",
    "WriteWritable",
    "alternative_plain_html",
];

/// Allowed findings: file, finding, number, and why it is safe.
const SITES: &[(&str, &str, usize, &str)] = &[
    ("views/src/frame.rs", "askama::filters::Safe", 1, "for the two methods"),
    ("views/src/frame.rs", "Safe", 5, "two style sheets, checked not to end their element"),
    ("views/src/mails.rs", "Html", 1, "the name of the template of a mail's HTML"),
    ("views/src/lib.rs", "Html", 1, "the same template"),
    ("src/web/reply.rs", "text/html", 1, "the type of a rendered page"),
    ("src/web/reply.rs", "HTML", 2, "that type, and its one use, for a rendered page"),
    ("src/gallery/http/mod.rs", "HTML", 1, "for designers: rendered templates, in a frame with its own policy"),
    ("src/gallery/http/mod.rs", "markup", 2, "for designers: the style sheet in place of its link"),
    ("src/web/compression.rs", "text/html", 1, "reads the type of a response"),
    ("src/web/response_format.rs", "text/html", 1, "reads `Accept`"),
    ("src/web/openapi.rs", "text/html", 1, "the document names the type"),
    ("src/web/registration.rs", "text/html", 1, "the document names the type"),
    ("src/mail/mod.rs", "alternative_plain_html", 1, "the rendered HTML of a mail"),
    ("src/mail/mod.rs", "markup", 3, "the encoding's element is moved to the front"),
    ("src/mail/worker.rs", "markup", 1, "the angle brackets of `Message-ID`"),
    ("src/design/fields.rs", "template(& found . attrs)", 1, "a function that reads such attributes"),
    ("src/design/fields.rs", "template(attributes : & [Attribute])", 1, "the same function"),
    ("src/gallery/samples/mod.rs", "markup", 1, "sample data that shows escaping"),
    ("src/gallery/samples/account.rs", "markup", 4, "sample data that shows escaping"),
    ("src/gallery/samples/sign_up.rs", "markup", 1, "sample data that shows escaping"),
];

/// The findings of a file with their number, without tests.
fn found(text: &str) -> BTreeMap<String, usize> {
    let tokens: TokenStream = text.parse().expect("Rust");
    let mut finder = Finder {
        found: BTreeMap::new(),
        tag: Regex::new(r"(?i)</?([a-z][a-z0-9-]*[\s/>]|\{)|<[!?]").expect("a pattern"),
    };
    finder.visit(&tokens.into_iter().collect::<Vec<_>>());
    finder.found
}

struct Finder {
    found: BTreeMap<String, usize>,
    tag: Regex,
}

impl Finder {
    fn add(&mut self, what: impl Into<String>) {
        *self.found.entry(what.into()).or_default() += 1;
    }

    fn visit(&mut self, tokens: &[TokenTree]) {
        let mut rest = tokens;
        while let [token, after @ ..] = rest {
            rest = after;
            match token {
                TokenTree::Group(group) => self.visit(&group.stream().into_iter().collect::<Vec<_>>()),
                TokenTree::Literal(literal) => self.literal(&literal.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    if let [TokenTree::Group(attribute), ..] = after {
                        let text = attribute.stream().to_string();
                        // Skips tests and documentation.
                        if text.replace(' ', "") == "cfg(test)" {
                            // The item ends with braces, or with a semicolon before any.
                            let end = after[1..].iter().position(|token| match token {
                                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                                token => token.to_string() == ";",
                            });
                            rest = end.map_or(&[], |end| &after[end + 2..]);
                        }
                        if text.starts_with("doc") {
                            rest = &after[1..];
                        }
                    } else if let [_, TokenTree::Group(attribute), ..] = after
                        && attribute.stream().to_string().starts_with("doc")
                    {
                        rest = &after[2..];
                    }
                }
                TokenTree::Punct(_) => {}
                TokenTree::Ident(ident) => {
                    let name = ident.to_string();
                    if name == "askama" {
                        self.askama(after);
                    } else if name == "template"
                        && let [TokenTree::Group(group), ..] = after
                        && group.delimiter() == Delimiter::Parenthesis
                    {
                        self.template(&group.stream().to_string());
                    } else if name == "Template" && matches!(after, [TokenTree::Ident(next), ..] if next == "for") {
                        self.add("Template for");
                    }
                    if MARKUP.contains(&name.trim_start_matches("r#")) {
                        self.add(name);
                    }
                }
            }
        }
    }

    fn literal(&mut self, literal: &str) {
        if literal.contains("text/html") {
            self.add("text/html");
        }
        if literal.contains('"') && self.tag.is_match(literal) {
            self.add("markup");
        }
    }

    /// After the crate's name comes an allowed name, or a group of them.
    fn askama(&mut self, after: &[TokenTree]) {
        let path: Vec<&TokenTree> = after.iter().take(7).collect();
        match path.as_slice() {
            [TokenTree::Punct(one), TokenTree::Punct(two), name, rest @ ..]
                if one.as_char() == ':' && two.as_char() == ':' =>
            {
                match name {
                    TokenTree::Ident(name) if ASKAMA.contains(&name.to_string().as_str()) => {}
                    TokenTree::Group(group) => {
                        let names = group.stream().to_string();
                        for name in names.split(',').map(str::trim).filter(|name| !ASKAMA.contains(name)) {
                            self.add(format!("askama::{}", name.replace(' ', "")));
                        }
                    }
                    name => {
                        let rest = rest
                            .iter()
                            .map(ToString::to_string)
                            .take_while(|part| ![";", "(", ","].contains(&part.as_str()));
                        self.add(format!("askama::{name}{}", rest.collect::<String>()));
                    }
                }
            }
            _ => self.add("askama"),
        }
    }

    /// A template attribute has only a path: no `escape`, `source`, `ext`, `syntax`, `config`.
    fn template(&mut self, arguments: &str) {
        let path = Regex::new(r#"^path = ("[a-z_/]+\.html"|\$ ?(subject|text|html))$"#).expect("a pattern");
        if !path.is_match(arguments.trim()) {
            self.add(format!("template({arguments})"));
        }
    }
}

#[test]
fn only_templates_write_markup() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = BTreeMap::new();
    for file in ["src", "views/src"].into_iter().flat_map(|folder| files(&root.join(folder))) {
        let name = file.strip_prefix(root).expect("inside").to_str().expect("UTF-8").to_owned();
        for (what, count) in found(&fs::read_to_string(&file).expect("a file")) {
            all.insert((name.clone(), what), count);
        }
    }
    let known: BTreeMap<(String, String), usize> =
        SITES.iter().map(|(file, what, count, _)| (((*file).to_owned(), (*what).to_owned()), *count)).collect();
    assert_eq!(all, known, "review the finding, and add to SITES why it is safe");
}

/// The check of templates knows every method that returns `Safe`.
#[test]
fn unescaped_methods_are_known() {
    let frame = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("views/src/frame.rs")).expect("a file");
    let method = Regex::new(r"fn (\w+)\([^)]*\)\s*->\s*[^{;]*\bSafe\b").expect("a pattern");
    let methods: Vec<&str> = method.captures_iter(&frame).filter_map(|found| Some(found.get(1)?.as_str())).collect();
    assert_eq!(templates::unknown_safe_methods(methods), [].into());
}

/// Askama escapes by extension: the HTML of a mail, not its subject and text.
#[test]
fn each_part_of_a_mail_has_its_file_extension() {
    let mails = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("views/src/mails.rs")).expect("a file");
    let (_, parts) = mails.split_once("    parts! {\n").expect("the parts");
    let (parts, _) = parts.split_once("\n    }\n").expect("their end");
    let line = Regex::new(r#"^ *\w+: "mails/(\w+)\.subject\.txt" "mails/(\w+)\.txt" "mails/(\w+)\.html",$"#);
    let line = line.expect("a pattern");
    for part in parts.lines() {
        let names = line.captures(part).unwrap_or_else(|| panic!("{part}"));
        assert!(names[1] == names[2] && names[2] == names[3], "{part}");
    }
    let order =
        ["path = $subject", "pub struct Subject", "path = $text", "pub struct Text", "path = $html", "pub struct Html"];
    let places = order.map(|mark| mails.find(mark).unwrap_or_else(|| panic!("{mark}")));
    assert!(places.is_sorted(), "{places:?}");
}

/// No other syntax, no escaper for another extension.
#[test]
fn askama_has_default_settings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let settings = fs::read_to_string(root.join("views/askama.toml")).expect("a file");
    let settings: Vec<&str> = settings.lines().filter(|line| !line.trim().is_empty()).collect();
    assert_eq!(settings, ["[general]", "dirs = [\"../templates\"]"]);
    assert!(!root.join("askama.toml").exists(), "the gallery's templates have Askama's defaults");
}

/// Scripts insert texts as text.
#[test]
fn scripts_write_no_markup_and_evaluate_no_text() {
    let markup = Regex::new(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\s*\.\s*write|createContextualFragment|parseFromString|setHTML|srcdoc|\beval\b|\bFunction\b|set(Timeout|Interval)\(\s*[^(\w\s]|javascript:",
    );
    let markup = markup.expect("a pattern");
    for bad in ["a.innerHTML = b", "document . write(b)", "new Function(b)", "eval(b)", "setTimeout(`${b}`)"] {
        assert!(markup.is_match(bad), "{bad}");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static");
    let scripts =
        crate::files_of(&folder, |path| path.extension().is_some_and(|ending| ending == "js" || ending == "mjs"));
    assert_eq!(scripts.len(), 3, "{scripts:?}");
    for script in scripts {
        let text = fs::read_to_string(&script).expect("a file");
        let found = markup.find(&text).map(|found| found.as_str());
        assert_eq!(found, None, "{}", script.display());
    }
}

#[test]
fn every_bypass_of_escaping_in_code_is_found() {
    for hole in [
        "use askama::filters::Safe;",
        "use askama::{\n    Template, filters::{self, MaybeSafe}\n};",
        "use askama::filters as f; fn a() { f::safe(1) }",
        "use askama::*;",
        "use askama as templates;",
        "pub use askama;",
        "extern crate askama as a;",
        "fn a() -> impl Display { askama::filters::safe(text, askama::filters::Text) }",
        "fn a() { :: askama :: filters :: Safe (1) }",
        "impl HtmlSafe for Name {}",
        "impl filters::FastWritable for Name {}",
        "impl Template for Page {}",
        "macro_rules! a { () => { MaybeSafe::Safe(1) } }",
        "#[template(path = \"a.html\", escape = \"none\")] struct A;",
        "#[template(escape = \"none\", path = \"a.html\")] struct A;",
        "#[template(source = \"{{ a|safe }}\", ext = \"html\")] struct A;",
        "#[template(path = \"a.txt\")] struct A;",
        "#[template(path = \"a.html\", syntax = \"other\")] struct A;",
        "#[template(path = \"a.html\", config = \"other.toml\")] struct A;",
        "#[template(path = \"a.html\", ext = \"txt\")] struct A;",
        "fn a() { poem::web::Html(name) }",
        "fn a() { Response::builder().content_type(\"text/html\").body(name) }",
        "fn a() { Response::builder().content_type(reply::HTML).body(name) }",
        "fn a() { format!(\"<b>{name}</b>\") }",
        "fn a() { r#\"<!doctype html>\"#.to_owned() + name }",
        "fn a() { MultiPart::alternative_plain_html(text, name) }",
        "#[cfg(test)] mod tests {} fn a() { Safe(1) }",
        "#[cfg(test)] mod tests; fn a() { Safe(1) }",
    ] {
        assert!(!found(hole).is_empty(), "{hole}");
    }
    for sound in [
        "use askama::{Template, Values, get_value}; // Safe",
        "/// `Safe(x)`, text/html, <b>\nfn a() -> askama::Result<String> { render() }",
        "#[derive(Template)] #[template(path = \"pages/login.html\")] struct A;",
        "fn a() { if a < b { AssertUnwindSafe(1) } else { '<' } }",
        "#[cfg(test)] mod tests { fn a() { Safe(\"<b>\") } }",
    ] {
        assert_eq!(found(sound), BTreeMap::new(), "{sound}");
    }
}
