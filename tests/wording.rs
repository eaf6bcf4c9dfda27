//! The texts of `locales/`: all there in every language, all used, and none anywhere else.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::Regex;
use scraper::{Html, Node, Selector};
use vestibule::{
    appearance::{BrandSettings, Source, Theme, custom::wording::shapes},
    domain::field_error::FieldError,
    gallery::{self, State, ViewOptions},
    views::{
        Rendered,
        language::{Direction, Language},
        texts::EMBEDDED,
    },
    web::error::AppError,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Key and what is filled in.
fn texts(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    shapes(source).into_iter().map(|text| (text.key, text.names)).collect()
}

#[test]
fn every_text_is_in_every_language_and_fills_in_the_same() {
    let [(_, english), others @ ..] = EMBEDDED;
    let english = texts(english);
    assert!(english.len() > 100);
    for (language, source) in others {
        let texts = texts(source);
        for (key, names) in &english {
            assert_eq!(texts.get(key), Some(names), "{language}: {key}");
        }
        for key in texts.keys() {
            assert!(english.contains_key(key), "{language}: {key} is not in English");
        }
    }
}

#[test]
fn no_text_is_given_twice() {
    for (language, source) in EMBEDDED {
        let keys: Vec<String> = shapes(source).into_iter().map(|text| text.key).collect();
        let distinct: BTreeSet<&String> = keys.iter().collect();
        assert_eq!(keys.len(), distinct.len(), "{language}");
    }
}

fn files(folder: &Path, ending: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|found| ending.iter().any(|ending| found == *ending)) {
            found.push(path);
        }
    }
    found
}

/// Every word in quotes, in the templates and in the program.
fn quoted() -> BTreeSet<String> {
    let pattern = Regex::new(r#""([a-z][\w.-]*)""#).expect("a pattern");
    let mut words = BTreeSet::new();
    for folder in ["templates", "src", "views/src"] {
        for file in files(&root().join(folder), &["html", "txt", "rs"]) {
            let text = fs::read_to_string(&file).expect("a file");
            words.extend(pattern.captures_iter(&text).map(|found| found[1].to_owned()));
        }
    }
    words
}

#[test]
fn no_text_is_unused() {
    let mut used = quoted();
    used.extend(FieldError::ALL.map(|error| error.code().to_owned()));
    for error in AppError::each() {
        let info = error.info();
        for key in [&info.title, &info.detail, &info.attribute("advice"), &info.attribute("detail")] {
            used.insert(key.key.to_string());
        }
        if error.is_transient() {
            used.insert(info.attribute("notice").key.into_owned());
        }
    }
    for (key, _) in texts(EMBEDDED[0].1) {
        assert!(used.contains(&key), "{key} is used nowhere");
    }
}

#[test]
fn every_key_in_a_template_is_a_text() {
    let english = texts(EMBEDDED[0].1);
    let pattern = Regex::new(r#""([\w.-]+)"\|(?:t|with|around)\b|let (?:action|label|notice) = "([\w.-]+)" %"#)
        .expect("a pattern");
    let mut found = 0;
    for file in files(&root().join("templates"), &["html", "txt"]) {
        let text = fs::read_to_string(&file).expect("a file");
        for key in pattern.captures_iter(&text).filter_map(|found| found.get(1).or(found.get(2))) {
            assert!(english.contains_key(key.as_str()), "{}: {}", file.display(), key.as_str());
            found += 1;
        }
    }
    assert!(found > 80, "{found}");
}

/// A variant that is in no list would be in no gallery, no document and no test.
#[test]
fn the_lists_of_errors_are_complete() {
    use strum::EnumCount as _;
    assert_eq!(FieldError::ALL.len(), FieldError::COUNT);
    assert_eq!(AppError::each().len(), AppError::COUNT);
    let codes: BTreeSet<&str> = FieldError::ALL.iter().map(|error| error.code()).collect();
    assert_eq!(codes.len(), FieldError::COUNT);
    let codes: BTreeSet<&str> = AppError::each().iter().map(|error| error.info().code).collect();
    assert_eq!(codes.len(), AppError::COUNT);
}

/// GOV.UK's list of words that blame or beg, and what they are elsewhere.
#[test]
fn texts_say_what_to_do_and_neither_blame_nor_beg() {
    let banned = |words: &str| Regex::new(&format!(r"(?i)\b({words})\b")).expect("a pattern");
    for (language, words) in [
        (Language::English, "invalid|please|sorry|oops|required|forbidden|illegal"),
        (Language::German, "ungültig\\w*|bitte|leider|entschuldigung|erforderlich|verboten|pflichtfeld"),
        (Language::French, "invalide|désolés?|oups|obligatoire|interdit|s['’]il vous plaît|veuillez"),
        (Language::Spanish, "inválid[oa]|por favor|lo sentimos|obligatori[oa]|prohibid[oa]"),
        (Language::BrazilianPortuguese, "inválid[oa]|por favor|desculpe|ops|obrigatóri[oa]|proibid[oa]"),
        (Language::Japanese, "無効|申し訳|必須|禁止"),
        (Language::Arabic, "عذرًا|غير صالح\\w*|ممنوع|إلزامي"),
    ] {
        let (_, source) = EMBEDDED.iter().find(|(known, _)| *known == language).expect("texts");
        let pattern = banned(words);
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            assert!(!pattern.is_match(line), "{language}: {line}");
        }
    }
}

fn appearance() -> Theme {
    Theme::load(BrandSettings::default(), &Source::Embedded).expect("a look")
}

fn rendered(appearance: &Theme, state: State, language: Language) -> Rendered {
    gallery::render(appearance, state, ViewOptions { language, direction: None }).expect("a page")
}

/// What the samples put in, and names that are the same in every language.
const DATA: &str = r"(?x) \[[^\]]*\] | Vestibule | [\w.…-]+@[\w.-]+ | https?://\S+ | \d{4}-\d\d-\d\d\ \d\d:\d\d\ UTC
    | [0-9a-f]{32} | \d+ | Maximiliane | Ada\ Lovelace | ~";

fn is_ours(text: &str) -> bool {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| Regex::new(DATA).expect("a pattern"));
    !PATTERN.replace_all(text, "").chars().any(char::is_alphabetic)
}

#[test]
fn nothing_is_said_that_is_not_a_text() {
    let appearance = appearance();
    let skipped = Selector::parse("style, script, bdi, code, .languages, .brand").expect("a selector");
    let mut seen = 0;
    for state in gallery::states().iter().copied().filter(|state| state.is_translated) {
        let place = format!("{} {}", state.view, state.name);
        let html = match rendered(&appearance, state, Language::Pseudo) {
            Rendered::Page(html) => html,
            Rendered::Mail(mail) => {
                assert!(is_ours(&mail.subject), "{place}: {}", mail.subject);
                for line in mail.text.lines() {
                    assert!(is_ours(line), "{place}: {line}");
                }
                mail.html
            }
        };
        let document = Html::parse_document(&html);
        let skipped: BTreeSet<_> =
            document.select(&skipped).flat_map(|element| element.descendants().map(|node| node.id())).collect();
        for node in document.tree.nodes().filter(|node| !skipped.contains(&node.id())) {
            match node.value() {
                Node::Text(text) => {
                    assert!(is_ours(text), "{place}: {}", text.trim());
                    seen += 1;
                }
                Node::Element(element) => {
                    for name in
                        ["aria-label", "title", "alt", "placeholder", "data-show", "data-hide-label", "data-shown"]
                    {
                        let value = element.attr(name).unwrap_or_default();
                        assert!(is_ours(value), "{place}: {name} is {value}");
                    }
                }
                _ => {}
            }
        }
    }
    assert!(seen > 1000, "{seen}");
}

#[test]
fn every_page_names_its_language_and_direction() {
    let appearance = appearance();
    let html = Selector::parse("html").expect("a selector");
    for language in Language::ALL {
        for state in gallery::states().iter().copied().filter(|state| state.is_translated) {
            let page = match rendered(&appearance, state, language) {
                Rendered::Page(html) => html,
                Rendered::Mail(mail) => mail.html,
            };
            let document = Html::parse_document(&page);
            let element = document.select(&html).next().expect("html");
            assert_eq!(element.attr("lang"), Some(language.code()));
            let direction = if language == Language::Arabic { Direction::RightToLeft } else { Direction::LeftToRight };
            assert_eq!(element.attr("dir"), Some(direction.code()));
        }
    }
}

#[test]
fn a_title_tells_pages_apart_and_begins_with_the_error() {
    let appearance = appearance();
    let title = |view: &str, state: &str, language| {
        let Rendered::Page(html) = rendered(&appearance, gallery::find(view, state).expect("a state"), language) else {
            panic!("a mail")
        };
        html.split_once("<title>")
            .and_then(|(_, rest)| rest.split_once("</title>"))
            .map(|(title, _)| title.to_owned())
            .expect("a title")
    };
    assert_eq!(title("register", "empty", Language::English), "Create an account – Vestibule");
    assert_eq!(title("register", "all-missing", Language::English), "Error: Create an account – Vestibule");
    assert_eq!(title("register", "all-missing", Language::German), "Fehler: Konto erstellen – Vestibule");
    for language in Language::ALL {
        let titles: BTreeSet<String> = ["register", "welcome", "verify_email"]
            .map(|view| {
                let state = gallery::states().iter().copied().find(|state| state.view == view).expect("a state");
                title(view, state.name, language)
            })
            .into();
        assert_eq!(titles.len(), 3, "{language}");
    }
}

/// Mails are read in plain text too, and their parts say the same.
#[test]
fn every_mail_says_in_plain_text_what_its_html_says() {
    let appearance = appearance();
    for language in Language::ALL {
        for state in gallery::states().iter().copied().filter(|state| state.is_mail) {
            let Rendered::Mail(mail) = rendered(&appearance, state, language) else { panic!("a page") };
            let place = format!("{language} {} {}", state.view, state.name);
            assert!(
                !mail.subject.is_empty() && !mail.subject.contains('\n') && mail.subject.chars().count() <= 90,
                "{place}: {}",
                mail.subject
            );
            let document = Html::parse_document(&mail.html);
            let paragraphs = Selector::parse("main p:not(.action):not(.small), main h1").expect("a selector");
            for paragraph in document.select(&paragraphs) {
                let said: String =
                    paragraph.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
                let marks = |text: &str| text.replace(['\u{2068}', '\u{2069}'], "");
                let text = marks(&mail.text).split_whitespace().collect::<Vec<_>>().join(" ");
                let said = marks(&said);
                assert!(text.contains(&said), "{place}: {said}");
            }
            for link in document.select(&Selector::parse("main a").expect("a selector")) {
                assert!(mail.text.contains(link.attr("href").expect("an address")), "{place}");
            }
            assert!(
                !mail.html.contains("<img") && !mail.html.contains("<script") && mail.html.len() < 20 * 1024,
                "{place}"
            );
        }
    }
}
