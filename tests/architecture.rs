//! Rules on imports and source files. docs/architecture.md describes the layers.

#[path = "architecture/imports.rs"]
mod imports;
#[path = "architecture/markup.rs"]
mod markup;
#[path = "architecture/templates.rs"]
mod templates;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use imports::{is_within, paths};

/// The top-level modules of `src/`, lowest layer first. A module imports only modules of lower layers.
const LAYERS: &[&[&str]] = &[
    &["threads", "supervisor", "views"],
    &["net", "observability"],
    &["domain"],
    &["hashing", "store", "appearance"],
    &["keys"],
    &["accounts"],
    &["mail"],
    &["config"],
    &["app"],
    &["web"],
    &["gallery"],
    &["design", "routes"],
    &["server"],
];

/// Crates that a top-level module must not name.
const CRATES: &[(&str, &[&str])] = &[
    ("domain", &["poem", "diesel", "r2d2", "askama", "tokio"]),
    ("hashing", &["poem", "diesel"]),
    ("store", &["poem"]),
    ("accounts", &["poem", "diesel"]),
    ("mail", &["poem", "diesel"]),
    ("appearance", &["poem", "diesel"]),
    ("observability", &["poem", "diesel"]),
    ("net", &["poem", "diesel"]),
    ("config", &["poem", "diesel"]),
    ("web", &["diesel", "r2d2", "bcrypt", "zxcvbn"]),
    ("gallery", &["diesel"]),
    ("design", &["poem", "diesel"]),
    ("server", &["diesel"]),
];

/// Top-level modules that import no other one.
const ALONE: &[&str] = &["domain", "net", "observability", "threads", "supervisor"];

/// Tables that only `accounts` may read and write.
const ONLY_ACCOUNTS: &[&str] = &["crate::store::users", "crate::store::schema"];

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

/// The modules of `src/` with their code, without tests.
fn modules() -> BTreeMap<Vec<String>, String> {
    let of = |file: PathBuf| {
        let path = file.strip_prefix(source()).expect("inside").with_extension("");
        let mut module: Vec<String> = path.iter().map(|part| part.to_str().expect("UTF-8").to_owned()).collect();
        module.pop_if(|last| last == "mod" || last == "lib");
        let text = fs::read_to_string(&file).expect("a file");
        (module, text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned())
    };
    files(&source()).into_iter().filter(|file| !file.ends_with("tests.rs")).map(of).collect()
}

/// Whether a file only declares and re-exports modules, so it cannot be part of a cycle.
fn is_facade(code: &str) -> bool {
    !["fn ", "struct ", "enum ", "trait ", "const ", "static ", "impl ", "macro_rules!"].iter().any(|word| {
        code.lines().any(|line| line.trim_start_matches("pub(crate) ").trim_start_matches("pub ").starts_with(word))
    })
}

/// The modules that each module imports.
fn imports() -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let modules = modules();
    let of = |module: &Vec<String>, code: &str| {
        let mut found = BTreeSet::new();
        for path in paths(code) {
            let Some(absolute) = imports::absolute(&path, module) else { continue };
            let known = (1..=absolute.len()).rev().find_map(|end| {
                let prefix = absolute.get(..end)?.to_vec();
                modules.contains_key(&prefix).then_some(prefix)
            });
            found.extend(known.filter(|known| known != module));
        }
        found
    };
    modules.iter().map(|(module, code)| (module.clone(), of(module, code))).collect()
}

fn layer(module: &str) -> usize {
    LAYERS.iter().position(|layer| layer.contains(&module)).unwrap_or_else(|| panic!("add {module} to LAYERS"))
}

#[test]
fn imports_go_to_lower_layers_only() {
    for (module, imported) in imports() {
        // lib.rs and main.rs are above all layers.
        let Some(top) = module.first().filter(|top| *top != "main") else { continue };
        for other in imported {
            let Some(below) = other.first().filter(|below| *below != top) else { continue };
            assert!(layer(below) < layer(top), "{} imports {}", module.join("/"), other.join("/"));
            assert!(!ALONE.contains(&top.as_str()), "{} imports {}", module.join("/"), other.join("/"));
        }
    }
}

#[test]
fn no_file_is_part_of_an_import_cycle() {
    let codes = modules();
    let mut left = imports();
    left.retain(|module, _| !is_facade(&codes[module]));
    // Repeatedly removes modules without remaining imports or importers.
    loop {
        let names: BTreeSet<Vec<String>> = left.keys().cloned().collect();
        for imported in left.values_mut() {
            imported.retain(|other| names.contains(other));
        }
        let wanted: BTreeSet<Vec<String>> = left.values().flatten().cloned().collect();
        let before = left.len();
        left.retain(|module, imported| !imported.is_empty() && wanted.contains(module));
        if left.len() == before {
            break;
        }
    }
    let cycles = left.iter().flat_map(|(module, imported)| imported.iter().map(move |other| (module, other)));
    let cycles: Vec<String> = cycles.map(|(one, two)| format!("{} -> {}", one.join("/"), two.join("/"))).collect();
    assert!(cycles.is_empty(), "{cycles:#?}");
}

#[test]
fn modules_do_not_name_forbidden_crates() {
    let modules = modules();
    for (top, crates) in CRATES {
        assert!(modules.keys().any(|module| module.first().is_some_and(|first| first == top)), "{top}");
        for (module, code) in modules.iter().filter(|(module, _)| module.first().is_some_and(|first| first == top)) {
            for path in paths(code) {
                // `super::super::web` would bypass the check.
                assert!(!path.starts_with("super::super"), "{} names {path}", module.join("/"));
                for name in *crates {
                    assert!(!is_within(&path, name), "{} names {path}", module.join("/"));
                }
            }
        }
    }
}

#[test]
fn only_the_accounts_module_accesses_the_users_table() {
    for (module, code) in modules() {
        let Some(top) = module.first().filter(|top| !["store", "accounts"].contains(&top.as_str())) else {
            continue;
        };
        for path in paths(&code) {
            assert!(!ONLY_ACCOUNTS.iter().any(|table| is_within(&path, table)), "{top} names {path}");
        }
    }
}

#[test]
fn the_import_check_expands_groups() {
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

/// Only tools for designers start programs: no input reaches a command line.
#[test]
fn the_service_starts_no_other_process() {
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

/// Prevents denial of service by regular expressions. `design` matches only compiler messages.
#[test]
fn the_service_uses_no_regular_expressions() {
    for file in files(&source()).into_iter().filter(|file| !file.starts_with(source().join("design"))) {
        let names = paths(&fs::read_to_string(&file).expect("a file"));
        assert!(!names.iter().any(|path| is_within(path, "regex")), "{}", file.display());
    }
}

/// `views` is rebuilt after each edit of a template, so it has few dependencies.
#[test]
fn the_views_package_has_only_the_listed_dependencies() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("views/Cargo.toml");
    let manifest = fs::read_to_string(manifest).expect("a file");
    let (_, dependencies) = manifest.split_once("[dependencies]").expect("dependencies");
    let names =
        dependencies.lines().take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once(" = "));
    let names: Vec<&str> = names.map(|(name, _)| name).collect();
    assert_eq!(names, ["askama", "fluent-bundle", "fluent-syntax", "serde", "serde_json"]);
}

/// Unescaped output allows cross-site scripting.
#[test]
fn templates_escape_all_output() {
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

/// A longer file usually has two purposes.
#[test]
fn source_files_have_at_most_400_lines() {
    let packages =
        ["bcrypt-lanes/src", "views/src"].map(|path| files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path)));
    for file in [files(&source()), packages.concat()].concat() {
        let lines = fs::read_to_string(&file).expect("a file").lines().count();
        assert!(lines <= 400, "{} has {lines} lines", file.display());
    }
}

/// Unsupervised tasks and threads: file, number, and why a panic in them is harmless.
const UNSUPERVISED: &[(&str, usize, &str)] = &[
    ("supervisor.rs", 2, "the supervisor's own"),
    ("threads.rs", 1, "the caller gets an error"),
    ("accounts/export.rs", 1, "one export: the client gets a truncated body, and the lease expires"),
    ("accounts/limits/consumed.rs", 3, "refunds: the attempt stays consumed; one awaited task"),
    ("mail/worker.rs", 2, "one mail, whose lease expires; its awaited rendering"),
    ("observability/listener.rs", 1, "one connection"),
    ("server/listener.rs", 2, "one connection each"),
    ("server/mod.rs", 1, "the awaited start"),
    ("server/signals.rs", 1, "one awaited reload of the files"),
    ("store/database.rs", 2, "one database call, whose caller gets an error; its watch"),
    ("store/database/epochs.rs", 3, "one awaited probe; connections that are closed"),
];

#[test]
fn background_tasks_are_supervised() {
    let spawns = |file: &PathBuf| {
        let text = fs::read_to_string(file).expect("a file");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
        let flat: String = lines.flat_map(str::split_whitespace).collect();
        let all =
            flat.matches("spawn(").count() + flat.matches("spawn_blocking(").count() - flat.matches("spawn()").count();
        let supervised = flat.matches("supervisor.spawn(").count();
        // The last one is the definition.
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
    assert_eq!(found, allowed, "start it by the supervisor, or add to UNSUPERVISED why a panic is harmless");
}

/// Minimum versions of dependencies without known vulnerabilities, with their `RustSec` advisories. `cargo deny check
/// advisories` queries the database itself, if it is reachable.
const MINIMUM_VERSIONS: &[(&str, [u64; 3], &str)] = &[
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
/// Unmaintained crates.
const UNMAINTAINED: &[(&str, &str)] = &[("rustls-pemfile", "RUSTSEC-2025-0134")];

#[test]
fn no_dependency_has_a_known_vulnerability() {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).expect("a file");
    let packages: Vec<(&str, [u64; 3])> = lock.split("[[package]]").skip(1).map(name_and_version).collect();
    assert!(packages.len() > 100 && packages.iter().any(|(name, _)| *name == "diesel"));
    for (name, minimum, advisory) in MINIMUM_VERSIONS {
        for (_, version) in packages.iter().filter(|(known, _)| known == name) {
            assert!(version >= minimum, "{name} {version:?}: {advisory}");
        }
    }
    for (name, advisory) in UNMAINTAINED {
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
