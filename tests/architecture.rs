//! Who may know whom. The rooms are described in docs/architecture.md.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A room, and the words that must not stand in its code.
const RULES: &[(&str, &[&str])] = &[
    (
        "accounts",
        &[
            "poem",
            "diesel",
            "crate::web",
            "crate::views",
            "crate::routes",
            "crate::server",
            "crate::app",
            "crate::config",
        ],
    ),
    ("hashing", &["poem", "diesel", "crate::web", "crate::views", "crate::store", "crate::app", "crate::config"]),
    ("store", &["poem", "crate::web", "crate::views", "crate::hashing", "crate::app", "crate::config"]),
    ("web", &["diesel", "r2d2", "bcrypt::", "zxcvbn", "crate::store::users", "crate::store::schema"]),
    (
        "views",
        &[
            "poem",
            "diesel",
            "crate::web",
            "crate::store",
            "crate::hashing",
            "crate::app",
            "crate::config",
            "crate::accounts::registration",
        ],
    ),
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// A line without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// `use crate::{store::…}` names a room as well as `crate::store` does.
fn normalised(text: &str) -> String {
    let lines: String = text.lines().map(code).collect::<Vec<_>>().join("\n");
    let mut flat = String::new();
    for statement in lines.split(';') {
        match statement.split_once("use crate::{") {
            Some((before, names)) => {
                flat.push_str(before);
                let mut depth = 0;
                for part in names.split_inclusive([',', '{', '}']) {
                    if depth == 0 {
                        flat.push_str("crate::");
                    }
                    flat.push_str(part.trim());
                    flat.push('\n');
                    depth += i32::from(part.ends_with('{')) - i32::from(part.ends_with('}'));
                }
            }
            None => flat.push_str(statement),
        }
        flat.push('\n');
    }
    flat
}

#[test]
fn no_room_knows_what_it_must_not() {
    for (room, forbidden) in RULES {
        let files = files(&source().join(room));
        assert!(!files.is_empty(), "{room}");
        for file in files {
            let code = normalised(&fs::read_to_string(&file).expect("a file"));
            for word in *forbidden {
                assert!(!code.contains(word), "{} names {word}", file.display());
            }
        }
    }
}

#[test]
fn the_check_sees_through_grouped_imports() {
    let code =
        normalised("use crate::{\n    accounts::{email::Email, form},\n    store::Database, // why\n};\nfn f() {}");
    assert!(code.contains("crate::store") && code.contains("crate::accounts"), "{code}");
    assert!(!code.contains("crate::email"), "{code}");
}

/// Output that is not escaped is somebody's script one day.
#[test]
fn templates_escape_everything() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            assert_eq!(
                path.extension().and_then(|extension| extension.to_str()),
                Some("html"),
                "askama escapes by ending: {}",
                path.display()
            );
            let text = fs::read_to_string(&path).expect("a file");
            for word in ["|safe", "| safe", "{% filter", "javascript:", " style=", " onclick="] {
                assert!(!text.contains(word), "{} has {word}", path.display());
            }
            for script in text.split("<script").skip(1) {
                assert!(script.starts_with(" src="), "{} has an inline script", path.display());
            }
        }
    }
}

/// Every setting, header and code is documented where people look.
#[test]
fn a_file_holds_one_idea() {
    for file in files(&source()) {
        let lines = fs::read_to_string(&file).expect("a file").lines().count();
        assert!(lines <= 400, "{} has {lines} lines", file.display());
    }
}
