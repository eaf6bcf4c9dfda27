//! `src/store/schema.rs` matches both databases.

use std::collections::BTreeMap;

use rstest::rstest;
use vestibule::store::migrations;

use crate::support::{Backend, TestDatabase};

use Backend::{Postgres, Sqlite};

type Tables = BTreeMap<String, Vec<String>>;

/// `table -> ["column -> Type", …]` as the generated file has it.
fn generated() -> Tables {
    let mut tables = Tables::new();
    let mut table = String::new();
    for line in include_str!("../../src/store/schema.rs").lines().map(str::trim) {
        if let Some((column, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            tables.get_mut(&table).expect("inside a table").push(format!("{column} -> {kind}"));
        } else if let Some((name, _)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
            name.clone_into(&mut table);
            tables.insert(table.clone(), Vec::new());
        }
    }
    tables
}

/// The same, from the database's own catalogue.
fn actual(database: &TestDatabase) -> Tables {
    let rows = match database.backend {
        Sqlite => database.texts(
            "SELECT m.name || '|' || c.name || '|' || lower(c.type) || '|' || c.\"notnull\" AS t \
             FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name <> 'sqlite_sequence' AND m.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' ORDER BY m.name, c.cid",
        ),
        Postgres => database.texts(
            "SELECT table_name || '|' || column_name || '|' || data_type || '|' || (CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END) AS t \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%' \
             ORDER BY table_name, ordinal_position",
        ),
    };
    let mut tables = Tables::new();
    for row in rows {
        let [table, column, kind, required] = row.split('|').collect::<Vec<_>>().try_into().expect("four parts");
        let kind = match kind {
            // SQLite's 64-bit rowid; see diesel.toml.
            "bigint" | "integer" => "BigInt",
            "text" => "Text",
            "boolean" => "Bool",
            "timestamp" | "timestamp without time zone" => "Timestamp",
            "blob" | "bytea" => "Binary",
            other => panic!("{table}.{column} is {other}, which is not the same type on both databases"),
        };
        let kind = if required == "1" { kind.to_owned() } else { format!("Nullable<{kind}>") };
        tables.entry(table.to_owned()).or_default().push(format!("{column} -> {kind}"));
    }
    tables
}

#[rstest]
fn the_generated_schema_matches_the_database(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = TestDatabase::new(backend);
    migrations::run(&mut database.connect(), |_| Ok(())).expect("up");
    assert!(generated().contains_key("users"));
    assert_eq!(actual(&database), generated(), "run ./scripts/schema");
}

/// Other applications read these columns.
#[test]
fn the_public_columns_of_users_keep_their_names() {
    let users = generated().remove("users").expect("the table");
    for column in ["id", "email", "username", "password_hash", "full_name", "is_active", "is_verified", "created_at"] {
        assert!(users.iter().any(|known| known.starts_with(&format!("{column} -> "))), "{column}");
    }
}
