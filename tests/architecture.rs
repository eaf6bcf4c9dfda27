//! Who may know whom. The rooms are described in docs/architecture.md.

#[path = "architecture/markup.rs"]
mod markup;
#[path = "architecture/templates.rs"]
mod templates;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A room, and what must not be named in it: crates, or modules of ours, by the beginning of their path.
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
            "crate::appearance",
            "crate::gallery",
            "crate::mail",
            "crate::design",
        ],
    ),
    (
        "hashing",
        &[
            "poem",
            "diesel",
            "crate::web",
            "crate::views",
            "crate::store",
            "crate::server",
            "crate::app",
            "crate::config",
            "crate::accounts::registration",
            "crate::appearance",
            "crate::gallery",
            "crate::mail",
            "crate::design",
        ],
    ),
    (
        "store",
        &[
            "poem",
            "crate::web",
            "crate::views",
            "crate::hashing",
            "crate::server",
            "crate::app",
            "crate::config",
            "crate::accounts::registration",
            "crate::appearance",
            "crate::gallery",
            "crate::mail",
            "crate::design",
        ],
    ),
    ("web", &["diesel", "r2d2", "bcrypt", "zxcvbn", "crate::store::users", "crate::store::schema", "crate::server"]),
    ("mail", &["poem", "diesel", "crate::web", "crate::store", "crate::hashing", "crate::app", "crate::config"]),
    (
        "appearance",
        &[
            "poem",
            "diesel",
            "crate::web",
            "crate::store",
            "crate::hashing",
            "crate::app",
            "crate::config",
            "crate::gallery",
        ],
    ),
    ("gallery", &["poem", "diesel", "crate::store", "crate::hashing", "crate::app", "crate::config", "crate::server"]),
    (
        "observability",
        &[
            "poem",
            "diesel",
            "crate::web",
            "crate::views",
            "crate::accounts",
            "crate::server",
            "crate::app",
            "crate::appearance",
            "crate::gallery",
            "crate::mail",
            "crate::design",
            "crate::store::Database",
        ],
    ),
    ("design", &["poem", "diesel", "crate::web", "crate::store", "crate::hashing", "crate::app", "crate::config"]),
];

fn files(folder: &Path) -> Vec<PathBuf> {
    files_of(folder, |path| path.extension().is_some_and(|extension| extension == "rs"))
}

fn files_of(folder: &Path, is_wanted: fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_of(&path, is_wanted));
        } else if is_wanted(&path) {
            found.push(path);
        }
    }
    found
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every path that the text names: those of its `use` declarations, with their groups taken apart, and those in its code.
fn paths(text: &str) -> Vec<String> {
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
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
    paths.extend(code.split(|c: char| !is_part(c)).filter(|word| word.contains("::")).map(str::to_owned));
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

fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[test]
fn no_room_knows_what_it_must_not() {
    for (room, forbidden) in RULES {
        let files = files(&source().join(room));
        assert!(!files.is_empty(), "{room}");
        for file in files {
            for path in paths(&fs::read_to_string(&file).expect("a file")) {
                // `super::super::web` would be a way around.
                assert!(!path.starts_with("super::super"), "{} names {path}", file.display());
                for module in *forbidden {
                    assert!(!is_within(&path, module), "{} names {path}", file.display());
                }
            }
        }
    }
}

#[test]
fn the_check_sees_through_groups() {
    let text = "pub use crate::{\n    accounts::{email::Email, registration::{EndpointPolicy, SignUp as S}},\n    store::Database, // why\n};\nuse poem;\nfn f() -> crate::app::App { diesel::insert() }";
    let paths = paths(text);
    for path in [
        "crate::accounts::email::Email",
        "crate::accounts::registration::SignUp",
        "crate::store::Database",
        "poem",
        "crate::app::App",
        "diesel::insert",
    ] {
        assert!(paths.iter().any(|known| known == path), "{path}: {paths:?}");
    }
    assert!(is_within("poem::Route", "poem") && is_within("poem", "poem") && !is_within("poems::Ode", "poem"));
}

/// Only what designers use starts another program: no input reaches a command line.
#[test]
fn the_service_starts_no_program() {
    let mut found = Vec::new();
    for file in files(&source()) {
        let names = paths(&fs::read_to_string(&file).expect("a file"));
        if names.iter().any(|path| path.contains("process::Command") || path.contains("process::*")) {
            let name = file.strip_prefix(source()).expect("inside").to_str().expect("UTF-8");
            found.push(name.to_owned());
        }
    }
    found.sort();
    assert_eq!(found, ["appearance/preview.rs", "design/builder.rs"]);
}

/// A pattern that backtracks could be kept busy. Designers' messages from the compiler are no input.
#[test]
fn the_service_matches_no_pattern() {
    for file in files(&source()).into_iter().filter(|file| !file.starts_with(source().join("design"))) {
        let names = paths(&fs::read_to_string(&file).expect("a file"));
        assert!(!names.iter().any(|path| is_within(path, "regex")), "{}", file.display());
    }
}

/// What is built anew after each edit of a template knows nothing of the rest.
#[test]
fn the_views_stand_alone() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("views/Cargo.toml");
    let manifest = fs::read_to_string(manifest).expect("a file");
    let (_, dependencies) = manifest.split_once("[dependencies]").expect("dependencies");
    let names =
        dependencies.lines().take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once(" = "));
    let names: Vec<&str> = names.map(|(name, _)| name).collect();
    assert_eq!(names, ["askama", "fluent-bundle", "fluent-syntax", "serde", "serde_json"]);
}

/// Output that is not escaped is somebody's script one day.
#[test]
fn templates_escape_everything() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut count = 0;
    for path in files_of(&root, |_| true) {
        let name = path.strip_prefix(&root).expect("inside").to_str().expect("UTF-8");
        let found = templates::mistakes(name, &fs::read_to_string(&path).expect("a file"));
        assert!(found.is_empty(), "templates/{name}: {found:#?}");
        count += 1;
    }
    assert!(count > 60, "{count}");
}

/// Past this length a file usually holds two.
#[test]
fn a_file_holds_one_idea() {
    let packages =
        ["bcrypt-lanes/src", "views/src"].map(|path| files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path)));
    for file in [files(&source()), packages.concat()].concat() {
        let lines = fs::read_to_string(&file).expect("a file").lines().count();
        assert!(lines <= 400, "{} has {lines} lines", file.display());
    }
}

/// Where something runs by itself without the supervisor, how often, and why a panic in it does no harm.
const UNSUPERVISED: &[(&str, usize, &str)] = &[
    ("supervisor.rs", 2, "it is the supervisor's own"),
    ("threads.rs", 1, "whoever asked for the work is told"),
    ("accounts/export.rs", 1, "one export: its client sees that the end is missing, and its lease runs out"),
    ("accounts/limits/taken.rs", 3, "one try, which counts then; one that is awaited"),
    ("mail/worker.rs", 2, "one mail, whose lease runs out; its text, which is awaited"),
    ("observability/listener.rs", 1, "one connection"),
    ("server/listener.rs", 2, "one connection each"),
    ("server/mod.rs", 1, "the start, which is awaited"),
    ("server/signals.rs", 1, "one reading of the files, which is awaited"),
    ("store/database.rs", 2, "one visit to the database, whose caller is told; what watches it"),
    ("store/database/generations.rs", 3, "one trial, which is awaited; connections that are closed"),
];

#[test]
fn what_runs_by_itself_is_supervised() {
    let spawns = |file: &PathBuf| {
        let text = fs::read_to_string(file).expect("a file");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
        let flat: String = lines.flat_map(str::split_whitespace).collect();
        let all =
            flat.matches("spawn(").count() + flat.matches("spawn_blocking(").count() - flat.matches("spawn()").count();
        let supervised = flat.matches("supervisor.spawn(").count();
        // The definition.
        all - supervised - flat.matches("fnspawn(").count()
    };
    let source = source();
    let is_program = |file: &&PathBuf| file.file_name().is_some_and(|name| name != "tests.rs");
    let all = files(&source);
    let mut found: Vec<(String, usize)> = all
        .iter()
        .filter(is_program)
        .map(|file| (file.strip_prefix(&source).expect("a part").display().to_string(), spawns(file)))
        .filter(|(_, count)| *count > 0)
        .collect();
    found.sort();
    let mut allowed: Vec<(String, usize)> =
        UNSUPERVISED.iter().map(|(file, count, _)| ((*file).to_owned(), *count)).collect();
    allowed.sort();
    assert_eq!(found, allowed, "start it by the supervisor, or say here why a panic in it does no harm");
}

/// The least versions without the faults that are known of what the program is made of, by their numbers in `RustSec`'s
/// database. `cargo deny check advisories` asks the database itself, where it can be reached.
const LEAST_VERSIONS: &[(&str, [u64; 3], &str)] = &[
    ("chrono", [0, 4, 20], "RUSTSEC-2020-0159"),
    ("diesel", [2, 3, 8], "RUSTSEC-2026-0111"),
    ("diesel", [2, 3, 10], "RUSTSEC-2026-0172"),
    ("h2", [0, 4, 16], "RUSTSEC-2026-0258, RUSTSEC-2024-0332, RUSTSEC-2024-0003"),
    ("hyper", [0, 14, 10], "RUSTSEC-2021-0078, RUSTSEC-2021-0079, RUSTSEC-2021-0020"),
    ("idna", [1, 0, 0], "RUSTSEC-2024-0421"),
    // With SQLite 3.51.3 or newer: before it, resetting the WAL could corrupt a database.
    ("libsqlite3-sys", [0, 38, 0], "RUSTSEC-2022-0090"),
    ("ring", [0, 17, 12], "RUSTSEC-2025-0009"),
    ("rustls", [0, 23, 18], "RUSTSEC-2024-0399, RUSTSEC-2024-0336"),
    ("tokio", [1, 44, 2], "RUSTSEC-2025-0023"),
];
/// Nobody keeps these.
const UNKEPT: &[(&str, &str)] = &[("rustls-pemfile", "RUSTSEC-2025-0134")];

#[test]
fn no_crate_has_a_fault_that_is_known() {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).expect("a file");
    let packages: Vec<(&str, [u64; 3])> = lock.split("[[package]]").skip(1).map(name_and_version).collect();
    assert!(packages.len() > 100 && packages.iter().any(|(name, _)| *name == "diesel"));
    for (name, least, advisory) in LEAST_VERSIONS {
        for (_, version) in packages.iter().filter(|(known, _)| known == name) {
            assert!(version >= least, "{name} {version:?}: {advisory}");
        }
    }
    for (name, advisory) in UNKEPT {
        assert!(!packages.iter().any(|(known, _)| known == name), "{name}: {advisory}");
    }
}

fn name_and_version(package: &str) -> (&str, [u64; 3]) {
    let value = |name: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \"")?.strip_suffix('"'));
        line.expect("a value")
    };
    let mut numbers = value("version").split(['.', '-', '+']).map(|number| number.parse().unwrap_or(0));
    (value("name"), std::array::from_fn(|_| numbers.next().unwrap_or(0)))
}
