//! What the documents name is there: tests by file and function, and the files they link.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Each with its text; those in the root, in `docs/` and `docs/operations/`.
fn documents() -> BTreeMap<PathBuf, String> {
    let files = ["", "docs", "docs/operations"]
        .into_iter()
        .flat_map(|folder| fs::read_dir(root().join(folder)).expect("a folder"));
    files
        .map(|entry| entry.expect("an entry").path().canonicalize().expect("a path"))
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .map(|path| (path.clone(), fs::read_to_string(path).expect("text")))
        .collect()
}

/// What stands between backticks, line by line.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Whether a file has a test of this name: a function in Rust, a title in JavaScript.
fn has_test(file: &str, name: &str) -> bool {
    let paths = [root().join(file), root().join("src").join(file)];
    let Some(text) = paths.iter().find_map(|path| fs::read_to_string(path).ok()) else { return false };
    [format!("fn {name}("), format!("test(\"{name}\"")].iter().any(|mark| text.contains(mark.as_str()))
}

#[test]
fn every_test_that_a_document_names_is_there() {
    let mut count = 0;
    for (path, text) in documents() {
        for code in codes(&text) {
            let Some((file, name)) = code.split_once("::") else { continue };
            let ending = Path::new(file).extension().unwrap_or_default();
            if ending == "rs" || ending == "mjs" {
                assert!(has_test(file, name), "{} names {code}", path.display());
                count += 1;
            }
        }
    }
    assert!(count > 200, "{count}");
    assert!(!has_test("tests/documents.rs", "no_such_test") && !has_test("tests/no_such_file.rs", "root"));
}

#[test]
fn every_file_and_heading_that_a_document_links_is_there() {
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

/// As they stand in links: in lower case, a hyphen for each space, nothing else but letters and digits.
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
