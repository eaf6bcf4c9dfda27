//! The tests that the compiler and Node would run. Rust files are parsed from the root of their crate; in scripts,
//! statements at the beginning of a line count.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, Expr, ExprLit, Item, ItemFn, Lit, Meta, parse::Parser as _};

/// Whether a test is run by `./scripts/test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Runs,
    /// With the reason of the attribute.
    Ignored(String),
    /// Not compiled.
    Out,
}

/// A test of a Rust crate, by its file and function.
#[derive(Debug, PartialEq, Eq)]
pub struct Test {
    /// Modules and function, as in test filters.
    pub path: String,
    pub state: State,
}

pub type Tests = BTreeMap<(PathBuf, String), Test>;

/// All tests reachable from the root of a crate.
pub fn of_crate(root: &Path) -> Tests {
    let mut tests = Tests::new();
    let folder = root.parent().expect("a folder");
    read_file(root, folder, &[], &State::Runs, &mut tests);
    tests
}

/// `folder`: where the modules of the file are. `modules`: the path of the file's own module.
fn read_file(file: &Path, folder: &Path, modules: &[String], outer: &State, tests: &mut Tests) {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let place = Place { file, folder, modules, outer };
    place.items(&parsed.items, tests);
}

struct Place<'p> {
    file: &'p Path,
    folder: &'p Path,
    modules: &'p [String],
    outer: &'p State,
}

impl Place<'_> {
    fn items(&self, items: &[Item], tests: &mut Tests) {
        for item in items {
            match item {
                Item::Fn(function) => self.function(function, tests),
                Item::Macro(item) if item.mac.path.is_ident("proptest") => {
                    // `fn name(value in strategy)` is not valid Rust; its attributes and name are.
                    for function in properties(&item.mac.tokens.to_string()) {
                        self.function(&function, tests);
                    }
                }
                Item::Mod(module) => {
                    let name = module.ident.to_string();
                    let modules = [self.modules, std::slice::from_ref(&name)].concat();
                    let outer = if is_compiled(&module.attrs) { self.outer } else { &State::Out };
                    if let Some((_, items)) = &module.content {
                        let folder = self.folder.join(&name);
                        Place { file: self.file, folder: &folder, modules: &modules, outer }.items(items, tests);
                        continue;
                    }
                    let path = value_of(&module.attrs, "path").map(|path| self.file.with_file_name("").join(path));
                    let plain = self.folder.join(format!("{name}.rs"));
                    let file = path
                        .unwrap_or_else(|| if plain.exists() { plain } else { self.folder.join(&name).join("mod.rs") });
                    let is_mod = file.ends_with("mod.rs");
                    let folder = if is_mod { file.with_file_name("") } else { file.with_extension("") };
                    // Modules of a file with a `path` attribute are beside it, as for `mod.rs`.
                    let folder =
                        if value_of(&module.attrs, "path").is_some() { file.with_file_name("") } else { folder };
                    read_file(&file, &folder, &modules, outer, tests);
                }
                _ => {}
            }
        }
    }

    fn function(&self, function: &ItemFn, tests: &mut Tests) {
        let attributes = &function.attrs;
        let is_test = attributes.iter().any(|attribute| {
            attribute.path().segments.last().is_some_and(|name| name.ident == "test" || name.ident == "rstest")
        });
        if !is_test {
            return;
        }
        let state = if *self.outer != State::Runs {
            self.outer.clone()
        } else if !is_compiled(attributes) {
            State::Out
        } else if attributes.iter().any(|attribute| attribute.path().is_ident("ignore")) {
            State::Ignored(value_of(attributes, "ignore").unwrap_or_default())
        } else {
            State::Runs
        };
        let name = function.sig.ident.to_string();
        let path = [self.modules, std::slice::from_ref(&name)].concat().join("::");
        let file = self.file.canonicalize().expect("a path");
        tests.insert((file, name), Test { path, state });
    }
}

/// Conditions that are true in tests: `test` and the default features.
const CONDITIONS: [&str; 3] = ["test", "feature = \"design\"", "feature = \"imported-hashes\""];

/// Every condition outside of [`CONDITIONS`] counts as false.
fn is_compiled(attributes: &[Attribute]) -> bool {
    attributes.iter().all(|attribute| {
        !attribute.path().is_ident("cfg_attr")
            && (!attribute.path().is_ident("cfg")
                || matches!(&attribute.meta, Meta::List(list) if CONDITIONS.contains(&list.tokens.to_string().as_str())))
    })
}

fn value_of(attributes: &[Attribute], name: &str) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident(name) => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

/// The functions of a `proptest!`, without parameters and bodies.
fn properties(tokens: &str) -> Vec<ItemFn> {
    use proc_macro2::{Delimiter, TokenStream, TokenTree};
    let mut found = Vec::new();
    let mut head: Vec<TokenTree> = Vec::new();
    for token in tokens.parse::<TokenStream>().expect("tokens") {
        let is_body = matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        if !is_body {
            head.push(token);
            continue;
        }
        let is_parameters =
            |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
        while head.last().is_some_and(|token| !is_parameters(token)) {
            head.pop();
        }
        head.pop();
        // `#![proptest_config(…)]` at the beginning belongs to the macro.
        if matches!(head.get(1), Some(TokenTree::Punct(punct)) if punct.as_char() == '!') {
            head.drain(..3);
        }
        let text = head.drain(..).collect::<TokenStream>().to_string();
        found.push(syn::parse_str(&format!("{text}() {{}}")).unwrap_or_else(|error| panic!("{text}: {error}")));
    }
    found
}

/// The titles of the tests that Node runs in a file, without skipped, todo and commented-out ones.
pub fn of_script(text: &str) -> Vec<String> {
    let mut titles = Vec::new();
    let mut is_comment = false;
    for line in text.lines().map(str::trim) {
        is_comment |= line.starts_with("/*");
        if is_comment {
            is_comment = !line.contains("*/");
            continue;
        }
        let Some(rest) = line.strip_prefix("test(\"") else { continue };
        let Some((title, options)) = rest.split_once('"') else { continue };
        // It runs in one iteration of the loop around it.
        let options = options.replace("skip: !javaScriptEnabled && ", "");
        if !["skip", "todo", "only"].iter().any(|word| options.contains(word)) {
            titles.push(title.to_owned());
        }
    }
    let is_skipped = ["describe.skip", "describe.todo", "describe.only", "test.only", ".skip()", ".todo()"]
        .iter()
        .any(|word| text.contains(word));
    if is_skipped { Vec::new() } else { titles }
}

fn attributes(text: &str) -> Vec<Attribute> {
    Attribute::parse_outer.parse_str(text).expect("attributes")
}

#[test]
fn items_that_are_not_compiled_are_not_tests() {
    for text in ["#[cfg(any())]", "#[cfg(feature = \"x\")]", "#[cfg(not(test))]", "#[cfg_attr(all(), ignore)]"] {
        assert!(!is_compiled(&attributes(text)), "{text}");
    }
    assert!(is_compiled(&attributes("#[cfg(feature = \"design\")]")));
    assert!(is_compiled(&attributes("#[cfg(test)]")) && is_compiled(&attributes("#[allow(x)]")));
}

/// A small crate with everything that looks like a test.
#[test]
fn only_tests_that_are_run_are_found_in_a_crate() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write(
        "main.rs",
        "mod here; mod deep; #[cfg(any())] mod off; #[path = \"else/where.rs\"] mod other;\n\
         fn plain() {}\n\
         // #[test] fn in_a_comment() {}\n\
         const TEXT: &str = r#\"#[test] fn in_a_text() {}\"#;\n\
         macro_rules! never { () => { #[test] fn in_a_macro() {} } }\n\
         #[test] fn runs() {}\n\
         #[test] #[ignore] fn left_out() {}\n\
         #[rstest] #[case(1)] #[tokio::test] async fn of_two_kinds(#[case] a: u8) {}\n\
         #[tokio::test(flavor = \"multi_thread\")] #[ignore = \"takes hours\"] async fn takes_hours() {}\n\
         #[cfg(feature = \"x\")] #[test] fn not_compiled() {}\n\
         #[cfg_attr(all(), ignore)] #[test] fn perhaps() {}\n\
         mod tests { use super::*; #[test] fn inside() {} proptest! { #![proptest_config(x(1))]\n\
         /// Words.\n #[test] fn holds(a in 0..9) { } #[test] #[ignore] fn left(b in any::<u8>()) { } fn helper(x in y) {} } }",
    );
    write("here.rs", "mod below; #[test] fn in_a_file() {}");
    write("here/below.rs", "#[test] fn below() {}");
    write("deep/mod.rs", "mod beside; ");
    write("deep/beside.rs", "#[test] fn beside() {}");
    write("off.rs", "#[test] fn of_a_module_that_is_off() {}");
    write("else/where.rs", "#[test] fn elsewhere() {}");
    write("unreached.rs", "#[test] fn unreached() {}");
    let tests = of_crate(&folder.path().join("main.rs"));
    let states: BTreeMap<&str, &State> = tests.values().map(|test| (test.path.as_str(), &test.state)).collect();
    let ignored = |reason: &str| State::Ignored(reason.to_owned());
    let expected = [
        ("runs", State::Runs),
        ("left_out", ignored("")),
        ("of_two_kinds", State::Runs),
        ("takes_hours", ignored("takes hours")),
        ("not_compiled", State::Out),
        ("perhaps", State::Out),
        ("tests::inside", State::Runs),
        ("tests::holds", State::Runs),
        ("tests::left", ignored("")),
        ("here::in_a_file", State::Runs),
        ("here::below::below", State::Runs),
        ("deep::beside::beside", State::Runs),
        ("off::of_a_module_that_is_off", State::Out),
        ("other::elsewhere", State::Runs),
    ];
    assert_eq!(states, expected.iter().map(|(path, state)| (*path, state)).collect());
}

#[test]
fn only_tests_that_are_run_are_found_in_a_script() {
    let text = "test(\"runs\", async () => {});\n  test(\"inside\", { timeout: 1 }, () => {});\n\
                // test(\"in a comment\", () => {});\n/* \ntest(\"in a longer one\");\n */\n\
                test.skip(\"left out\", () => {});\n test.todo(\"to do\");\ntest(\"skipped\", { skip: true }, () => {});\n\
                test(\"left\", { todo: \"later\" }, f);\nconst a = 'test(\"in a text\")';\n\
                test(\"in one turn\", { skip: !javaScriptEnabled && \"needs JavaScript\" }, f);";
    assert_eq!(of_script(text), ["runs", "inside", "in one turn"]);
    assert_eq!(of_script("describe.skip(\"all\", () => {\ntest(\"a\", f);\n});"), [] as [&str; 0]);
    assert_eq!(of_script("test(\"a\", (t) => {\n t.skip();\n});"), [] as [&str; 0]);
}
