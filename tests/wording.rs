//! The texts of `locales/` are complete in every language and all used, and there are no other texts.

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

/// Keys, each with the names of its placeholders.
fn texts(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    shapes(source).into_iter().map(|text| (text.key, text.names)).collect()
}

#[test]
fn every_text_exists_in_every_language_with_the_same_placeholders() {
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
fn no_text_key_is_defined_twice() {
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

/// Every quoted word of the templates and the source code.
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
fn every_text_key_in_a_template_exists() {
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

/// A variant missing from these lists would be missing from the gallery, the documents and the tests.
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

/// Words that GOV.UK avoids in error messages, and their translations.
#[test]
fn texts_avoid_words_that_blame_or_plead() {
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

fn theme() -> Theme {
    Theme::load(BrandSettings::default(), &Source::Embedded).expect("a theme")
}

fn rendered(theme: &Theme, state: State, language: Language) -> Rendered {
    gallery::render(theme, state, ViewOptions { language, direction: None }).expect("a page")
}

/// Sample data, and names that are the same in every language.
const DATA: &str = r"(?x) \[[^\]]*\] | Vestibule | [\w.…-]+@[\w.-]+ | https?://\S+ | \d{4}-\d\d-\d\d\ \d\d:\d\d\ UTC
    | [0-9a-f]{32} | \d+ | Maximiliane | Ada\ Lovelace | ~";

fn is_translated_text(text: &str) -> bool {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| Regex::new(DATA).expect("a pattern"));
    !PATTERN.replace_all(text, "").chars().any(char::is_alphabetic)
}

#[test]
fn pages_and_mails_contain_only_translated_texts() {
    let theme = theme();
    let skipped = Selector::parse("style, script, bdi, code, .languages, .brand").expect("a selector");
    let mut seen = 0;
    for state in gallery::states().iter().copied().filter(|state| state.is_translated) {
        let place = format!("{} {}", state.view, state.name);
        let html = match rendered(&theme, state, Language::Pseudo) {
            Rendered::Page(html) => html,
            Rendered::Mail(mail) => {
                assert!(is_translated_text(&mail.subject), "{place}: {}", mail.subject);
                for line in mail.text.lines() {
                    assert!(is_translated_text(line), "{place}: {line}");
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
                    assert!(is_translated_text(text), "{place}: {}", text.trim());
                    seen += 1;
                }
                Node::Element(element) => {
                    for name in
                        ["aria-label", "title", "alt", "placeholder", "data-show", "data-hide-label", "data-shown"]
                    {
                        let value = element.attr(name).unwrap_or_default();
                        assert!(is_translated_text(value), "{place}: {name} is {value}");
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
    let theme = theme();
    let html = Selector::parse("html").expect("a selector");
    for language in Language::ALL {
        for state in gallery::states().iter().copied().filter(|state| state.is_translated) {
            let page = match rendered(&theme, state, language) {
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
fn page_titles_are_distinct_and_begin_with_the_error() {
    let theme = theme();
    let title = |view: &str, state: &str, language| {
        let Rendered::Page(html) = rendered(&theme, gallery::find(view, state).expect("a state"), language) else {
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

/// The plain text of a mail has the same content as its HTML.
#[test]
fn the_plain_text_of_every_mail_matches_its_html() {
    let theme = theme();
    for language in Language::ALL {
        for state in gallery::states().iter().copied().filter(|state| state.is_mail) {
            let Rendered::Mail(mail) = rendered(&theme, state, language) else { panic!("a page") };
            let place = format!("{language} {} {}", state.view, state.name);
            assert!(
                !mail.subject.is_empty() && !mail.subject.contains('\n') && mail.subject.chars().count() <= 90,
                "{place}: {}",
                mail.subject
            );
            let document = Html::parse_document(&mail.html);
            let paragraphs = Selector::parse("main p:not(.action):not(.small), main h1").expect("a selector");
            for paragraph in document.select(&paragraphs) {
                let visible: String =
                    paragraph.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
                let marks = |text: &str| text.replace(['\u{2068}', '\u{2069}'], "");
                let text = marks(&mail.text).split_whitespace().collect::<Vec<_>>().join(" ");
                let visible = marks(&visible);
                assert!(text.contains(&visible), "{place}: {visible}");
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
