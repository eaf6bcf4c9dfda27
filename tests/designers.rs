//! The document for designers matches the code.

use std::{collections::BTreeSet, fs, path::Path};

use vestibule::design::{contract, structs};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file")
}

#[test]
fn the_field_tables_match_the_view_structs() {
    let page = read("docs/design.md");
    let (_, rest) = page.split_once("<!-- from here -->\n").expect("a beginning");
    let (tables, _) = rest.split_once("<!-- to here -->").expect("an end");
    let generated = contract::markdown(Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(tables == generated, "run ./scripts/contract");
    assert!(
        generated.contains("### register\n")
            && generated.contains("### FieldView\n")
            && generated.contains("| `mail.code` | text |")
    );
}

/// Every struct of the views has a description.
#[test]
fn every_view_struct_has_a_description() {
    let known = structs(Path::new(env!("CARGO_MANIFEST_DIR")));
    let names: Vec<&str> = known.iter().map(|known| known.name.as_str()).collect();
    for name in ["RegisterPage", "FieldView", "Frame", "Brand", "VerifyEmailMail"] {
        assert!(names.contains(&name), "{names:?}");
    }
    for described in &known {
        assert!(!described.doc.is_empty(), "{} has no description", described.name);
    }
}

/// The page for designers names every element, and only files that exist.
#[test]
fn the_design_page_names_every_element_and_only_existing_files() {
    let page = read("docs/design.md");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(root.join("templates/elements")).expect("a folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    let mut seen = BTreeSet::new();
    for word in page.split(|c: char| c.is_whitespace() || "`(),".contains(c)) {
        let is_file = ["templates/", "static/", "locales/", "scripts/", "./scripts/"]
            .iter()
            .any(|folder| word.starts_with(folder));
        if is_file && !word.contains("LANGUAGE") && !word.ends_with('/') {
            assert!(root.join(word.trim_end_matches(['.', ':', ';', '|'])).exists(), "{word}");
            seen.insert(word);
        }
    }
    assert!(seen.len() > 20, "{seen:?}");
}
