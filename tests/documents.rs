//! References in the documents are valid: tests, test commands, linked files and headings.

#[path = "documents/suite.rs"]
mod suite;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::Regex;
use suite::{State, Tests};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The documents with their texts: those in the root, and all below `docs/`.
fn documents() -> BTreeMap<PathBuf, String> {
    let mut files: Vec<PathBuf> = entries(root());
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        let (inner, found): (Vec<_>, Vec<_>) = entries(&folder).into_iter().partition(|path| path.is_dir());
        folders.extend(inner);
        files.extend(found);
    }
    files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .map(|path| (path.clone(), fs::read_to_string(path).expect("text")))
        .collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path().canonicalize().expect("a path")).collect()
}

/// Every test program by its name for `cargo test --test`, and the libraries, with their tests.
static CRATES: LazyLock<BTreeMap<String, Tests>> = LazyLock::new(|| {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("a file");
    // A custom harness with the output of the default one. It is also its own service.
    let manifest = manifest.replace("[[test]]\nname = \"plans\"\nharness = false\n", "");
    for word in ["autotests", "[[test]]", "[lib]", "test = false"] {
        assert!(!manifest.contains(word), "Cargo.toml: {word} changes which tests are run");
    }
    let mut crates = BTreeMap::new();
    for path in entries(&root().join("tests")) {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if path.extension().is_some_and(|ending| ending == "rs") {
            crates.insert(name, suite::of_crate(&path));
        } else if path.join("main.rs").exists() {
            crates.insert(name, suite::of_crate(&path.join("main.rs")));
        }
    }
    for (name, file) in [
        ("lib", "src/lib.rs"),
        ("lib of bcrypt-lanes", "bcrypt-lanes/src/lib.rs"),
        ("lib of views", "views/src/lib.rs"),
    ] {
        crates.insert(name.to_owned(), suite::of_crate(&root().join(file)));
    }
    crates
});

/// Why a document may not name this test, if so. `full`: whether the document says that only `./scripts/test full` runs
/// it.
fn refusal(file: &str, name: &str, full: bool) -> Option<&'static str> {
    let paths = [root().join(file), root().join("src").join(file)];
    let Some(path) = paths.iter().find_map(|path| path.canonicalize().ok()) else { return Some("no such file") };
    if path.extension().is_some_and(|ending| ending == "mjs") {
        let is_run = file.starts_with("tests/browser/") && file.ends_with(".test.mjs");
        let titles = suite::of_script(&fs::read_to_string(path).expect("text"));
        return if is_run && titles.iter().any(|title| title == name) { None } else { Some("no test that is run") };
    }
    let key = (path, name.to_owned());
    let states: Vec<&State> = CRATES.values().filter_map(|tests| tests.get(&key)).map(|test| &test.state).collect();
    match states.as_slice() {
        [] => Some("no test"),
        _ if states.contains(&&State::Runs) => None,
        [State::Ignored(reason), ..] if reason.contains("scripts/test full") => {
            if full {
                None
            } else {
                Some("a test that only `./scripts/test full` runs, which is not said beside it")
            }
        }
        _ => Some("a test that is not run"),
    }
}

/// File, function or title, and paragraph or table row of every test that a text names, with or without quotes.
fn named(text: &str) -> Vec<(String, String, String)> {
    let rust = Regex::new(r"([\w./-]+\.rs)::(\w+)").expect("a pattern");
    let script = Regex::new(r"`([^`\s]+\.mjs)::([^`]+)`").expect("a pattern");
    let mut found = Vec::new();
    for paragraph in paragraphs(text) {
        for pattern in [&rust, &script] {
            let tests = pattern.captures_iter(&paragraph);
            found.extend(tests.map(|test| (test[1].to_owned(), test[2].to_owned(), paragraph.clone())));
        }
        let scripts = script.find_iter(&paragraph).count();
        assert_eq!(paragraph.matches(".mjs::").count(), scripts, "a title must be in backticks: {paragraph}");
    }
    found
}

/// Table rows and paragraphs, each as one line.
fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('|') || line.starts_with("```") {
            paragraphs.push(String::new());
        }
        let last = paragraphs.last_mut().expect("one");
        if !last.is_empty() {
            last.push(' ');
        }
        last.push_str(line);
    }
    paragraphs
}

#[test]
fn every_documented_test_is_run() {
    let mut count = 0;
    let mut refused = Vec::new();
    for (path, text) in documents() {
        for (file, name, paragraph) in named(&text) {
            let reason = refusal(&file, &name, paragraph.contains("scripts/test full"));
            refused.extend(reason.map(|reason| format!("{}: {file}::{name} is {reason}", path.display())));
            count += 1;
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(count > 200, "{count}");
}

#[test]
fn only_tests_that_are_run_may_be_named() {
    let this = "tests/documents.rs";
    assert_eq!(refusal(this, "only_tests_that_are_run_may_be_named", false), None);
    assert_eq!(refusal("tests/documents/suite.rs", "items_that_are_not_compiled_are_not_tests", false), None);
    assert_eq!(
        refusal("domain/email.rs", "parsing_never_panics_and_results_are_canonical", false),
        None,
        "of a proptest!"
    );
    assert_eq!(refusal(this, "root", false), Some("no test"), "a function");
    assert_eq!(refusal(this, "no_such_test", false), Some("no test"));
    assert_eq!(refusal("tests/no_such_file.rs", "root", false), Some("no such file"));
    assert_eq!(refusal("tests/browser/mailbox.mjs", "anything", false), Some("no test that is run"));
    let names = |text: &str| -> Vec<String> { named(text).into_iter().map(|(_, name, _)| name).collect() };
    assert_eq!(
        names("a `x.rs::a` ``y.rs::b`` c.rs::c\n```\n    z.rs::d\n```\n[`e.rs::e`](e)\n"),
        ["a", "b", "c", "d", "e"]
    );
    assert_eq!(
        names("| `x.test.mjs::a title` |\n\n`x.test.mjs::one over\n two lines` `x.rs::f`"),
        ["a title", "f", "one over two lines"]
    );
}

/// Every ignored test has a reason that names the command that runs it.
#[test]
fn ignored_tests_are_run_by_the_full_campaigns() {
    let mut ignored = Vec::new();
    for test in CRATES.values().flat_map(BTreeMap::values) {
        if let State::Ignored(reason) = &test.state {
            assert!(reason.contains("scripts/test full"), "{}: {reason:?}", test.path);
            ignored.push(test.path.as_str());
        }
        assert_ne!(test.state, State::Out, "{}", test.path);
    }
    assert!(ignored.contains(&"injection::sqlmap_finds_nothing"), "{ignored:?}");
    let script = fs::read_to_string(root().join("scripts/test")).expect("a file");
    assert!(script.lines().any(|line| line.contains("cargo test") && line.contains("--include-ignored")));
}

/// `cargo test --test NAME FILTER` reports `ok` if the filter matches no test.
#[test]
fn every_documented_test_command_matches_tests() {
    let command = Regex::new(r"cargo test ([^`#|\n]*)").expect("a pattern");
    let mut count = 0;
    for (path, text) in documents() {
        for found in command.captures_iter(&text) {
            let words: Vec<&str> = found[1].split_whitespace().collect();
            let Some(position) = words.iter().position(|word| *word == "--test") else { continue };
            let name = words.get(position + 1).copied().unwrap_or_default();
            let tests = CRATES.get(name).unwrap_or_else(|| panic!("{}: cargo test --test {name}", path.display()));
            let filters = words[position + 2..].iter().filter(|word| !word.starts_with('-'));
            for filter in filters {
                let exists = tests.values().any(|test| test.path.contains(filter) && test.state != State::Out);
                assert!(exists, "{}: {}", path.display(), &found[0]);
            }
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
}

/// Commands that write secrets to a file, in a block or in a sentence: backups, dumps, keys.
static SECRET_FILE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\.backup |VACUUM INTO|pg_dump(all)? -|pg_basebackup -|openssl (rand|genpkey|req)[^`\n]*(>|-out)|(key|secret)\S*\.pem >")
        .expect("a pattern")
});

/// Commands that write such files without a restrictive umask. A `umask` is valid to the end of its block.
fn readable_by_others(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_private = false;
    for line in text.lines() {
        if !line.starts_with("    ") {
            is_private = false;
        }
        is_private = is_private || line.contains("umask 077");
        if SECRET_FILE.is_match(line) && !is_private {
            found.push(line.trim().to_owned());
        }
        is_private = is_private && line.starts_with("    ") && !line.trim_start().starts_with('(');
    }
    found
}

#[test]
fn documented_backup_and_key_commands_set_a_private_umask() {
    for (path, text) in documents() {
        assert_eq!(readable_by_others(&text), Vec::<String>::new(), "{}", path.display());
    }
    let open = "    sqlite3 a.db \".backup b.db\"\n\n    (umask 077; pg_dump --file=a)\n    pg_dump --file=b\n\nSo `openssl rand 9 > a`.\n";
    assert_eq!(readable_by_others(open).len(), 3, "{:?}", readable_by_others(open));
    let private = "    umask 077\n    openssl rand -hex 24 > a\n    (umask 077; sqlite3 a.db \"VACUUM INTO 'b'\")\n";
    assert_eq!(readable_by_others(private), Vec::<String>::new());
}

#[test]
fn every_linked_file_and_heading_exists() {
    let documents = documents();
    let mut count = 0;
    for (path, text) in &documents {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            if link.contains(':') || link.contains(' ') {
                continue;
            }
            let target = if file.is_empty() { path.clone() } else { path.with_file_name("").join(file) };
            assert!(target.exists(), "{} links {link}", path.display());
            let target = target.canonicalize().expect("a path");
            if let Some(text) = documents.get(&target).filter(|_| !heading.is_empty()) {
                assert!(headings(text).any(|known| known == heading), "{} links {link}", path.display());
            }
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

/// The anchors of the headings: lower case, hyphens for spaces, no punctuation except `-` and `_`.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        words
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    })
}

#[test]
fn the_settings_page_matches_the_program() {
    let page = fs::read_to_string(root().join("docs/settings.md")).expect("a file");
    let generated = format!("{}{}", include_str!("../examples/settings.md"), vestibule::config::settings_tables());
    assert!(page == generated, "run ./scripts/settings");
    for name in ["DATABASE_URL", "RATE_LIMIT_SIGN_UP", "BRAND_NAME", "LOG_FORMAT"] {
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
    }
    // Every setting is in `.env.example`.
    let example = fs::read_to_string(root().join(".env.example")).expect("a file");
    for row in generated.lines().filter_map(|line| line.strip_prefix("| `")) {
        let name = row.split('`').next().unwrap_or_default();
        assert!(example.contains(&format!("#{name}=")), "{name} is missing in .env.example");
    }
}
