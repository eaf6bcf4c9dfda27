//! `custom.css`: brackets and quotes that are not closed, which would take other rules along, and files that the security
//! policy refuses are told with their line.

use std::collections::{BTreeMap, BTreeSet};

use cssparser::{ParseError, Parser, Token};

use crate::appearance::assets::Asset;

/// Checks `custom.css` and puts it into a layer of its own.
///
/// # Errors
/// Line and advice for each.
pub fn check(text: &str, images: &[Asset]) -> Result<String, Vec<(usize, String)>> {
    let text = &text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace(['\r', '\u{c}'], "\n");
    let mut problems = Vec::new();
    if let Some(place) = text.find('\0') {
        problems.push((line_at(text, place), "there is a character U+0000: take it out".to_owned()));
    }
    if let Some(place) = text.find("</") {
        problems.push((line_at(text, place), "write “<\\/” for “</”: it would end the style element".to_owned()));
    }
    let urls: BTreeMap<String, &str> =
        images.iter().map(|image| (format!("images/{}", image.name), &*image.url)).collect();
    let mut check = Check { urls: &urls, used: BTreeSet::new(), problems, are_addresses: false };
    // A bracket too many: where one is missing, or a comment is open, it is not seen at the end. A second time with the
    // end of a comment before it, since a bracket that closes nothing could stand in for it the first time.
    for end in ["\n}", "\n/**/}"] {
        if !check.tokens(&mut Parser::new(&format!("{text}{end}")), true) {
            let last = text.lines().count().max(1);
            check.problems.push((last, "a bracket or comment is not closed before the end".to_owned()));
        }
    }
    let Check { used, mut problems, .. } = check;
    if !problems.is_empty() {
        problems.sort();
        problems.dedup();
        return Err(problems);
    }
    // From the longest, since one name may begin another.
    let mut text = text.to_owned();
    let mut used: Vec<&String> = used.iter().collect();
    used.sort_by_key(|address| std::cmp::Reverse(address.len()));
    for address in used {
        if let Some(url) = urls.get(address) {
            text = text.replace(address.as_str(), url);
        }
    }
    Ok(format!("@layer custom {{\n{text}\n}}\n"))
}

fn line_at(text: &str, place: usize) -> usize {
    text.get(..place).unwrap_or_default().matches('\n').count() + 1
}

struct Check<'a> {
    /// Where each image is served.
    urls: &'a BTreeMap<String, &'a str>,
    /// The images that the style sheet names.
    used: BTreeSet<String>,
    problems: Vec<(usize, String)>,
    /// Whether a text in quotes is one, as in `url("…")`.
    are_addresses: bool,
}

impl Check<'_> {
    /// Goes through every token, also those in blocks. Whether the last one was a bracket that closes nothing.
    fn tokens(&mut self, parser: &mut Parser, is_outermost: bool) -> bool {
        let mut stray: Option<usize> = None;
        loop {
            parser.skip_whitespace();
            let at = parser.current_source_location();
            let Ok(token) = parser.next().cloned() else { return stray.is_some() && is_outermost };
            if let Some(line) = stray.take() {
                self.problems.push((line, "this bracket closes nothing".to_owned()));
            }
            let line = at.line as usize + 1;
            match &token {
                Token::UnquotedUrl(address) => self.address(address, line),
                Token::QuotedString(address) if self.are_addresses => self.address(address, line),
                Token::BadUrl(_) | Token::BadString(_) => {
                    self.problems.push((line, "a quote or bracket is not closed on this line".to_owned()));
                }
                Token::CloseCurlyBracket | Token::CloseParenthesis | Token::CloseSquareBracket => stray = Some(line),
                Token::AtKeyword(name)
                    if ["import", "charset", "namespace"].iter().any(|at| name.eq_ignore_ascii_case(at)) =>
                {
                    self.problems.push((line, format!("@{name} does not work here: copy the rules into custom.css")));
                }
                Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock => {
                    let takes_addresses = |name: &str| {
                        ["url", "image-set", "-webkit-image-set"].iter().any(|known| name.eq_ignore_ascii_case(known))
                    };
                    let before = self.are_addresses;
                    self.are_addresses = matches!(&token, Token::Function(name) if takes_addresses(name));
                    let _ = parser.parse_nested_block(|inner| -> Result<(), ParseError<()>> {
                        self.tokens(inner, false);
                        Ok(())
                    });
                    self.are_addresses = before;
                }
                _ => {}
            }
        }
    }

    fn address(&mut self, address: &str, line: usize) {
        if self.urls.contains_key(address) {
            self.used.insert(address.to_owned());
        } else if address.starts_with("images/") {
            self.problems.push((line, format!("{address} is not in CUSTOM_DIR")));
        } else if !address.starts_with("data:") && !address.starts_with('#') {
            let advice =
                "browsers load only this site's own files here: put it into images/ and write url(images/NAME)";
            self.problems.push((line, advice.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(name: &'static str) -> Asset {
        Asset {
            name: name.into(),
            url: format!("/static/{name}.0123").into(),
            hash: "0123".into(),
            content_type: "image/png",
            plain: (&[][..]).into(),
            gzip: (&[][..]).into(),
            brotli: (&[][..]).into(),
        }
    }

    #[test]
    fn good_rules_pass_with_images_by_their_addresses() {
        let text = "@media (width < 30rem) { body { background: url(images/a.png), url(\"images/a.png\") } }\n\
                    a::before { content: \"}\"; mask: url(#m); background: url('data:image/png;base64,AA==') }";
        let css = check(text, &[image("a.png"), image("a.png.png")]).expect("good rules");
        assert_eq!(css.matches("/static/a.png.0123").count(), 2, "{css}");
        assert!(css.starts_with("@layer custom {") && !css.contains("url(images/"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, words) in [
            ("a { color: red", 1, "not closed before the end"),
            ("a { color: red; }\n}", 2, "closes nothing"),
            ("a {}\n/* never closed", 2, "not closed before the end"),
            ("a { width: calc(1px; }", 1, "not closed before the end"),
            ("a {}\na { content: \"x\n }", 2, "not closed on this line"),
            ("@import 'x.css';", 1, "@import"),
            ("a {\n background: url(https://example.com/a.png) }", 2, "own files"),
            ("a { background: url('//example.com/a.png') }", 1, "own files"),
            ("a { background: url(images/b.png) }", 1, "images/b.png is not in CUSTOM_DIR"),
            ("a {}\n</style><script>", 2, "</"),
            ("a {} }\n/* open", 1, "closes nothing"),
            ("a {}\r\nb { background: image-set('https://example.com/a.png' 1x) }", 2, "own files"),
            ("a {}\rb { content: '\0' }", 2, "U+0000"),
        ] {
            let problems = check(text, &[image("a.png")]).expect_err(text);
            assert!(problems.iter().any(|(at, told)| *at == line && told.contains(words)), "{text}: {problems:?}");
        }
    }
}
