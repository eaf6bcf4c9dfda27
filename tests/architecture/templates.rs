//! Finds unescaped output of templates. Askama's own parser reads them, so white space, chains, comments and blocks
//! hide nothing.

use std::{collections::BTreeSet, path::Path};

use askama_parser::{Ast, Expr, Filter, LetValueOrBlock, Node, PathOrIdentifier, Syntax, node::CondTest};
use regex::Regex;

/// Allowed filters. None returns markup; Askama escapes their output, and `urlencode` leaves letters, digits and
/// `_.-~/%` unchanged. Not allowed: `safe`, `escape("none")`, `json`, `linebreaks`, or a filter by its path.
const FILTERS: &[&str] = &["t", "with", "around", "isolated", "asset", "urlencode"];

/// Methods that return `askama::filters::Safe`, and the templates that may call them: alone in a `style` element, which
/// no style sheet can end (`appearance::custom::stylesheet`).
const SAFE_METHODS: &[(&str, &str)] = &[("stylesheet", "layouts/page.html"), ("mail_stylesheet", "layouts/mail.html")];

/// Placeholders of expressions, escaped or not. Noncharacters: no template has them.
const ESCAPED: &str = "\u{FDD0}";
const UNESCAPED: &str = "\u{FDD1}";

/// Describes every violation in a template.
pub fn mistakes(name: &str, source: &str) -> Vec<String> {
    let ast = match Ast::from_str(source, None, &Syntax::default()) {
        Ok(ast) => ast,
        Err(error) => return vec![format!("it cannot be parsed: {error}")],
    };
    let mut reader = Reader { name, text: String::new(), found: Vec::new() };
    reader.nodes(ast.nodes());
    let mut found = reader.found;
    let is_html = has_extension(name, "html");
    // Askama escapes by extension. Mails also have plain text.
    if !is_html && !(has_extension(name, "txt") && (name.starts_with("mails/") || name == "layouts/mail.txt")) {
        found.push("its extension is neither HTML nor that of a mail's text".to_owned());
    }
    let text = reader.text.to_ascii_lowercase();
    found.extend(if is_html { markup(&text) } else { plain(&text) });
    found
}

fn has_extension(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == ending)
}

/// Places where escaping is not enough: other languages inside HTML.
fn markup(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (pattern, what) in [
        (r#"[\s"'/](on[a-z]+|style|srcdoc)\s*="#, "an attribute that is a script, a style or a page"),
        (r"(javascript|vbscript)\s*:", "a script as an address"),
    ] {
        let places = Regex::new(pattern).expect("a pattern");
        found.extend(places.find_iter(text).map(|place| format!("it has {what}: {:?}", place.as_str())));
    }
    let without_values = Regex::new(r#"=\s*("[^"]*"|'[^']*')"#).expect("a pattern").replace_all(text, "=");
    for place in Regex::new(r"<[^<>]*[\u{FDD0}\u{FDD1}][^<>]*>").expect("a pattern").find_iter(&without_values) {
        found.push(format!("it fills in a name, or a value without quotes: {:?}", place.as_str()));
    }
    for (begin, whole) in [
        ("<script", r#"<script src="[^"<>]*"( [a-z-]+(="[^"<>]*")?)*></script>"#),
        ("<style", "<style>\u{FDD1}</style>"),
        (UNESCAPED, "<style>\u{FDD1}</style>"),
    ] {
        let whole = Regex::new(whole).expect("a pattern").find_iter(text).count();
        if text.matches(begin).count() != whole {
            found.push(format!("it has {begin:?} outside a complete element of its own"));
        }
    }
    found
}

/// A plain text shown as HTML would be completely unescaped.
fn plain(text: &str) -> Vec<String> {
    let tag = Regex::new("<[a-z!/?]").expect("a pattern").find(text);
    tag.map(|tag| format!("it is a text and has markup: {:?}", tag.as_str())).into_iter().collect()
}

struct Reader<'n> {
    name: &'n str,
    /// Output of all branches, with placeholders for expressions.
    text: String,
    found: Vec<String>,
}

impl Reader<'_> {
    fn nodes(&mut self, nodes: &[Box<Node<'_>>]) {
        for node in nodes {
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node<'_>) {
        match node {
            Node::Lit(lit) => self.literal(&lit.lws, &lit.val, &lit.rws),
            Node::Raw(raw) => self.literal(&raw.lit.lws, &raw.lit.val, &raw.lit.rws),
            Node::Comment(_) | Node::Declare(_) | Node::Break(_) | Node::Continue(_) => {}
            Node::Expr(_, expr) => {
                let mark = if self.is_safe(expr) { UNESCAPED } else { ESCAPED };
                self.expr(expr);
                self.text.push_str(mark);
            }
            Node::Let(set) => match &set.val {
                LetValueOrBlock::Value(value) => self.expr(value),
                LetValueOrBlock::Block { nodes, .. } => self.nodes(nodes),
            },
            Node::Compound(compound) => self.exprs([&**compound.op.lhs, &**compound.op.rhs]),
            Node::If(branches) => {
                for branch in &branches.branches {
                    branch.cond.iter().for_each(|test| self.test(test));
                    self.nodes(&branch.nodes);
                }
            }
            Node::Match(matched) => {
                self.expr(&matched.expr);
                matched.arms.iter().for_each(|arm| self.nodes(&arm.nodes));
            }
            Node::Loop(each) => {
                self.expr(&each.iter);
                each.cond.iter().for_each(|test| self.expr(test));
                self.nodes(&each.body);
                self.nodes(&each.else_nodes);
            }
            Node::BlockDef(block) => self.nodes(&block.nodes),
            Node::Macro(made) => {
                made.args.iter().filter_map(|arg| arg.default.as_ref()).for_each(|value| self.expr(value));
                self.nodes(&made.nodes);
            }
            Node::Call(call) => {
                call.args.iter().flatten().for_each(|arg| self.expr(arg));
                self.nodes(&call.nodes);
            }
            // The other file has the same escaping.
            Node::Include(include) => self.same_extension(include.path),
            Node::Extends(extends) => self.same_extension(extends.path),
            Node::Import(import) => self.same_extension(import.path),
            Node::FilterBlock(block) => {
                self.found.push("it has a filter block, which escapes nothing that the filter returns".to_owned());
                self.filter(&block.filters);
                self.nodes(&block.nodes);
            }
        }
    }

    fn literal(&mut self, before: &str, text: &str, after: &str) {
        self.text.extend([before, text, after]);
    }

    fn same_extension(&mut self, path: &str) {
        let ending = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
        if ending(path) != ending(self.name) {
            self.found.push(format!("it includes {path}, which has another extension"));
        }
    }

    fn test(&mut self, test: &CondTest<'_>) {
        self.expr(&test.expr);
    }

    fn exprs<'e, 's: 'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr<'s>>) {
        exprs.into_iter().for_each(|expr| self.expr(expr));
    }

    fn expr(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::BoolLit(_)
            | Expr::NumLit(..)
            | Expr::StrLit(_)
            | Expr::CharLit(_)
            | Expr::Var(_)
            | Expr::FilterSource
            | Expr::IsDefined(_)
            | Expr::IsNotDefined(_)
            | Expr::ArgumentPlaceholder => {}
            Expr::Path(path) => {
                let path: Vec<&str> = path.iter().map(|part| *part.name).collect();
                self.found.push(format!("it names {}, which may be anything", path.join("::")));
            }
            Expr::RustMacro(..) => self.found.push("it has a Rust macro, whose tokens may be anything".to_owned()),
            Expr::Struct(_) => self.found.push("it makes a struct, which may be anything".to_owned()),
            Expr::Array(items) | Expr::Tuple(items) | Expr::Concat(items) => {
                self.exprs(items.iter().map(|item| &***item));
            }
            Expr::ArrayRepeat(one, other) | Expr::Index(one, other) => self.exprs([&***one, &***other]),
            Expr::AssociatedItem(of, item) => {
                self.expr(of);
                let is_safe = SAFE_METHODS.iter().any(|(method, _)| method == &*item.name);
                if is_safe && !SAFE_METHODS.contains(&(*item.name, self.name)) {
                    self.found.push(format!("it calls {}, which is not escaped", *item.name));
                }
            }
            Expr::Filter(filter) => self.filter(filter),
            Expr::As(of, _) | Expr::NamedArgument(_, of) | Expr::Unary(_, of) | Expr::Group(of) | Expr::Try(of) => {
                self.expr(of);
            }
            Expr::BinOp(both) => self.exprs([&**both.lhs, &**both.rhs]),
            Expr::Range(range) => self.exprs(range.lhs.iter().chain(&range.rhs).map(|end| &***end)),
            Expr::Call(call) => {
                if !matches!(**call.path, Expr::AssociatedItem(..)) {
                    self.found.push("it calls a function, which may return anything".to_owned());
                }
                self.expr(&call.path);
                self.exprs(call.args.iter().map(|arg| &***arg));
            }
            Expr::LetCond(test) => self.test(test),
        }
    }

    fn filter(&mut self, filter: &Filter<'_>) {
        match &filter.name {
            PathOrIdentifier::Identifier(name) if FILTERS.contains(name) => {}
            PathOrIdentifier::Identifier(name) => self.found.push(format!("it has the filter {}", **name)),
            PathOrIdentifier::Path(path) => {
                let path: Vec<&str> = path.iter().map(|part| *part.name).collect();
                self.found.push(format!("it has the filter {}", path.join("::")));
            }
        }
        self.exprs(filter.arguments.iter().map(|argument| &***argument));
    }

    /// Whether it is an allowed unescaped call.
    fn is_safe(&self, expr: &Expr<'_>) -> bool {
        let Expr::Call(call) = expr else { return false };
        matches!(&**call.path, Expr::AssociatedItem(_, item) if SAFE_METHODS.contains(&(*item.name, self.name)))
    }
}

/// Method names that differ from `SAFE_METHODS`.
pub fn unknown_safe_methods<'a>(methods: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let known: BTreeSet<&str> = SAFE_METHODS.iter().map(|(method, _)| *method).collect();
    methods.into_iter().collect::<BTreeSet<_>>().symmetric_difference(&known).copied().collect()
}

#[test]
fn every_bypass_of_escaping_in_a_template_is_found() {
    for hole in [
        "{{ name|safe }}",
        "{{ name | safe }}",
        "{{name|\n\t safe\n}}",
        "{{- name |safe -}}",
        "{{ name|safe() }}",
        "{{ name|t|safe|t }}",
        "{{ (name|safe) }}",
        "{{ name|with(\"a\", other|safe)|t }}",
        "{{ \"a\" ~ name|safe }}",
        "{% let shown = name|safe %}{{ shown }}",
        "{% set shown = name|safe %}{{ shown }}",
        "{% set shown %}{{ name|safe }}{% endset %}{{ shown }}",
        "{% if is_shown %}{% for name in names %}{{ name|safe }}{% endfor %}{% endif %}",
        "{% if let Some(name) = name|safe %}{{ name }}{% endif %}",
        "{% for name in names|safe %}{{ name }}{% endfor %}",
        "{% match name|safe %}{% when name %}{{ name }}{% endmatch %}",
        "{% macro show(name) %}{{ name|safe }}{% endmacro %}",
        "{% block content %}{{ name|safe }}{% endblock %}",
        "{{ name|escape(\"none\") }}",
        "{{ name|escape(  \"txt\"  ) }}",
        "{{ name|escape(how) }}",
        "{{ name|e(\"none\") }}",
        "{{ name|e(escaper = \"none\") }}",
        "{{ name|json }}",
        "{{ name|linebreaks }}",
        "{{ name|askama::filters::safe }}",
        "{{ name|crate::filters::raw }}",
        "{{ name|Safe }}",
        "{% filter safe %}{{ name }}{% endfilter %}",
        "{%- filter t|safe -%}{{ name }}{% endfilter %}",
        "{% filter escape(\"none\") %}{{ name }}{% endfilter %}",
        "{% filter t %}{{ name }}{% endfilter %}",
        "{{ askama::filters::Safe(name) }}",
        "{{ ::askama::filters::Safe(name) }}",
        "{{ Safe(name) }}",
        "{{ Safe::<&str>::from(name) }}",
        "{{ raw(name) }}",
        "{{ self::raw(name) }}",
        "{{ format!(\"{}\", name) }}",
        "{{ frame.stylesheet() }}",
        "{{ frame . mail_stylesheet() }}",
        "{% include \"mails/reset_password.txt\" %}",
        "{% extends \"layouts/mail.txt\" %}",
        "{% import \"macros.txt\" as macros %}",
        "<a href={{ link }}>",
        "<a href = {% if is_long %}{{ link }}{% endif %}>",
        "<{{ name }}>",
        "<a {{ name }}=\"x\">",
        "<a onclick=\"go('{{ name }}')\">",
        "<a\nONFOCUS = \"x\">",
        "<p style=\"color: {{ name }}\">",
        "<iframe srcdoc=\"{{ name }}\">",
        "<a href=\"JavaScript:{{ name }}\">",
        "<script>{{ name }}</script>",
        "<SCRIPT>go()</SCRIPT>",
        "<script src=\"/form.js\">go()</script>",
        "<style>{{ name }}</style>",
        "{% raw %}<script>go()</script>{% endraw %}",
    ] {
        let found = mistakes("pages/a.html", hole);
        assert!(!found.is_empty() && !found.iter().any(|found| found.contains("parsed")), "{hole}: {found:?}");
    }
    assert!(mistakes("pages/a.html", "{{ name }")[0].starts_with("it cannot be parsed"));
    assert!(!mistakes("pages/a.txt", "{{ name }}").is_empty());
    assert!(!mistakes("elements/a.svg", "{{ name }}").is_empty());
    assert!(!mistakes("mails/a.txt", "<b>{{ name }}</b>").is_empty());
    assert!(!mistakes("layouts/page.html", "<p>{{ frame.stylesheet() }}</p>").is_empty());
    assert!(!mistakes("layouts/page.html", "<style>a{{ frame.stylesheet() }}</style>").is_empty());
}

#[test]
fn escaped_output_is_accepted() {
    for sound in [
        "{# |safe #}<p title=\"{{ name }}\">safe {{ name|with(\"a\", other)|t }}</p>",
        "<p>{{ \"|safe\"|t }} one: two</p>{% raw %}{{ name|safe }}{% endraw %}",
        "<a href=\"/login{{ here }}lang={{ language.code() }}\">{{ (name) }}</a>",
        "<script src=\"{{ \"form.js\"|asset }}\" defer></script>",
        "{% include \"elements/field.html\" %}{% let to = next|urlencode %}",
    ] {
        assert_eq!(mistakes("pages/a.html", sound), [] as [&str; 0], "{sound}");
    }
    assert_eq!(mistakes("layouts/page.html", "<style>{{ frame.stylesheet() }}</style>"), [] as [&str; 0]);
    assert_eq!(mistakes("mails/a.txt", "{{ name }} <{{ address }}>"), [] as [&str; 0]);
}
