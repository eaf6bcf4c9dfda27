//! Checks style sheets for unclosed brackets and quotes, which would break later rules, undefined custom properties,
//! and files that the Content Security Policy blocks.

use std::collections::{BTreeMap, BTreeSet};

use cssparser::{ParseError, Parser, Token};

use super::wording::similar;

/// A checked style sheet.
#[derive(Debug, Default)]
pub struct Checked {
    /// Source with the URLs of its images.
    pub text: String,
    /// Custom properties defined in or before it, such as `--accent`.
    pub properties: BTreeSet<String>,
}

/// Checks a style sheet. `urls` maps the file names it may use to URLs; `properties` are the custom properties defined
/// before it.
///
/// # Errors
/// Line and advice for each mistake.
pub fn check(
    text: &str,
    urls: &BTreeMap<String, String>,
    properties: &BTreeSet<String>,
) -> Result<Checked, Vec<(usize, String)>> {
    // Browsers normalize line ends before they compute the CSP hash of an embedded style sheet.
    let text = &text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace(['\r', '\u{c}'], "\n");
    let mut problems = Vec::new();
    if let Some(place) = text.find('\0') {
        problems.push((line_at(text, place), "the file contains the character U+0000: remove it".to_owned()));
    }
    if let Some(place) = text.find("</") {
        problems.push((line_at(text, place), "write “<\\/” for “</”: it would end the style element".to_owned()));
    }
    let defined = properties.clone();
    let mut check = Check { urls, used: BTreeSet::new(), problems, are_urls: false, defined, referenced: Vec::new() };
    // The appended bracket is unmatched, unless a bracket or comment is still open. The second round closes a comment
    // first: in the first round an unmatched bracket before it passes for the appended one.
    for end in ["\n}", "\n/**/}"] {
        if !check.tokens(&mut Parser::new(&format!("{text}{end}")), true) {
            let last = text.lines().count().max(1);
            check.problems.push((last, "a bracket or comment is not closed before the end".to_owned()));
        }
    }
    let Check { used, mut problems, defined, referenced, .. } = check;
    for (name, line) in referenced.iter().filter(|(name, _)| !defined.contains(name)) {
        problems.push((*line, format!("{name} is not defined{}", similar(name, defined.iter()))));
    }
    if !problems.is_empty() {
        problems.sort();
        problems.dedup();
        return Err(problems);
    }
    // Longest first, since a name may be a prefix of another.
    let mut text = text.to_owned();
    let mut used: Vec<&String> = used.iter().collect();
    used.sort_by_key(|address| std::cmp::Reverse(address.len()));
    for address in used {
        if let Some(url) = urls.get(address) {
            for (open, close) in [("(", ")"), ("\"", "\""), ("'", "'")] {
                text = text.replace(&format!("{open}{address}{close}"), &format!("{open}{url}{close}"));
            }
        }
    }
    Ok(Checked { text, properties: defined })
}

fn line_at(text: &str, place: usize) -> usize {
    text.get(..place).unwrap_or_default().matches('\n').count() + 1
}

struct Check<'a> {
    /// URLs by file name.
    urls: &'a BTreeMap<String, String>,
    /// File names in the style sheet.
    used: BTreeSet<String>,
    problems: Vec<(usize, String)>,
    /// Whether a quoted string is a URL, as in `url("…")`.
    are_urls: bool,
    /// Defined custom properties.
    defined: BTreeSet<String>,
    /// Custom properties in `var()` without a fallback, with their lines.
    referenced: Vec<(String, usize)>,
}

impl Check<'_> {
    /// Checks every token, including those of blocks. Returns whether the last one was an unmatched bracket.
    fn tokens(&mut self, parser: &mut Parser, is_outermost: bool) -> bool {
        let mut stray: Option<usize> = None;
        loop {
            parser.skip_whitespace();
            let at = parser.current_source_location();
            let Ok(token) = parser.next().cloned() else { return stray.is_some() && is_outermost };
            if let Some(line) = stray.take() {
                self.problems.push((line, "unmatched closing bracket".to_owned()));
            }
            let line = at.line as usize + 1;
            match &token {
                Token::UnquotedUrl(address) => self.address(address, line),
                Token::QuotedString(address) if self.are_urls => self.address(address, line),
                Token::BadUrl(_) | Token::BadString(_) => {
                    self.problems.push((line, "a quote or bracket is not closed on this line".to_owned()));
                }
                Token::CloseCurlyBracket | Token::CloseParenthesis | Token::CloseSquareBracket => stray = Some(line),
                Token::AtKeyword(name)
                    if ["import", "charset", "namespace"].iter().any(|at| name.eq_ignore_ascii_case(at)) =>
                {
                    self.problems.push((line, format!("@{name} does not work here: copy the rules into custom.css")));
                }
                Token::Ident(name) if name.starts_with("--") => {
                    let name = name.to_string();
                    if parser.try_parse(cssparser::Parser::expect_colon).is_ok() {
                        self.defined.insert(name);
                    }
                }
                Token::Function(name) if name.eq_ignore_ascii_case("var") => {
                    let _ = parser.parse_nested_block(|inner| -> Result<(), ParseError<()>> {
                        let name = inner.expect_ident()?.to_string();
                        if inner.is_exhausted() {
                            self.referenced.push((name, line));
                        }
                        self.tokens(inner, false);
                        Ok(())
                    });
                }
                Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock => {
                    let takes_urls = |name: &str| {
                        ["url", "image-set", "-webkit-image-set"].iter().any(|known| name.eq_ignore_ascii_case(known))
                    };
                    let before = self.are_urls;
                    self.are_urls = matches!(&token, Token::Function(name) if takes_urls(name));
                    let _ = parser.parse_nested_block(|inner| -> Result<(), ParseError<()>> {
                        self.tokens(inner, false);
                        Ok(())
                    });
                    self.are_urls = before;
                }
                _ => {}
            }
        }
    }

    fn address(&mut self, address: &str, line: usize) {
        if self.urls.contains_key(address) {
            self.used.insert(address.to_owned());
        } else if !address.starts_with("data:") && !address.starts_with('#') {
            let advice = if address.contains("//") {
                "browsers load only this site's own files: put it beside the others".to_owned()
            } else {
                format!("there is no file {address} here{}", similar(address, self.urls.keys()))
            };
            self.problems.push((line, advice));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<Checked, Vec<(usize, String)>> {
        let urls = ["images/a.png", "images/a.png.png"].map(|name| (name.to_owned(), format!("/static/{name}.0123")));
        check(text, &urls.into(), &BTreeSet::from(["--accent".to_owned()]))
    }

    #[test]
    fn valid_rules_pass_and_images_get_their_urls() {
        let text = "@media (width < 30rem) { body { background: url(images/a.png), url(\"images/a.png\") } }\n\
                    a::before { content: \"}\"; mask: url(#m); background: url('data:image/png;base64,AA==') }\n\
                    :root { --mine: red } a { color: var(--mine); border-color: var(--accent); top: var(--none, 0) }";
        let sheet = checked(text).expect("good rules");
        assert_eq!(sheet.text.matches("/static/images/a.png.0123").count(), 2, "{}", sheet.text);
        assert!(!sheet.text.contains("url(images/"));
        assert!(sheet.properties.contains("--mine"));
    }

    #[test]
    fn errors_name_their_line() {
        for (text, line, words) in [
            ("a { color: red", 1, "not closed before the end"),
            ("a { color: red; }\n}", 2, "unmatched"),
            ("a {}\n/* never closed", 2, "not closed before the end"),
            ("a { width: calc(1px; }", 1, "not closed before the end"),
            ("a {}\na { content: \"x\n }", 2, "not closed on this line"),
            ("@import 'x.css';", 1, "@import"),
            ("a {\n background: url(https://example.com/a.png) }", 2, "own files"),
            ("a { background: url('//example.com/a.png') }", 1, "own files"),
            ("a { background: url(images/b.png) }", 1, "no file images/b.png here; did you mean “images/a.png”?"),
            ("a {}\n</style><script>", 2, "</"),
            ("a {} }\n/* open", 1, "unmatched"),
            ("a {}\r\nb { background: image-set('https://example.com/a.png' 1x) }", 2, "own files"),
            ("a {}\rb { content: '\0' }", 2, "U+0000"),
            ("a {}\nb { color: var(--acent) }", 2, "--acent is not defined; did you mean “--accent”?"),
        ] {
            let problems = checked(text).expect_err(text);
            assert!(problems.iter().any(|(at, told)| *at == line && told.contains(words)), "{text}: {problems:?}");
        }
    }
}
