//! Every migration runs up, down and up again; `down` removes everything.

use std::{collections::BTreeSet, fs, path::Path};

use rstest::rstest;
use vestibule::store::migrations;

use crate::support::{Backend, TestDatabase};

use Backend::{Postgres, Sqlite};

/// The schema as of the database's catalogue, without Diesel's table of migrations.
fn dump(database: &TestDatabase) -> Vec<String> {
    match database.backend {
        Sqlite => database.texts(
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS t FROM sqlite_master \
             WHERE tbl_name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND name <> 'sqlite_sequence' ORDER BY 1",
        ),
        Postgres => database.texts(
            "SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' \
               || coalesce(column_default, '') || ' ' || is_identity AS t \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%' \
             UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_diesel%' \
             UNION ALL SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint \
               WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND conrelid::regclass::text NOT LIKE '\\_\\_diesel%' \
             UNION ALL SELECT 'sequence ' || sequence_name FROM information_schema.sequences WHERE sequence_schema = 'public' \
             ORDER BY 1",
        ),
    }
}

#[rstest]
fn migrations_up_down_and_up_restore_the_same_schema(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = TestDatabase::new(backend);
    let empty = dump(&database);
    assert_eq!(empty, Vec::<String>::new());
    let up = |database: &TestDatabase| migrations::run(&mut database.connect(), |_| Ok(())).expect("up");
    up(&database);
    let full = dump(&database);
    assert!(full.iter().any(|line| line.contains("users_email_key")), "{full:#?}");
    up(&database);
    assert_eq!(dump(&database), full, "a second run changes nothing");

    migrations::revert_all(&mut database.connect()).expect("down");
    assert_eq!(dump(&database), empty, "down.sql leaves something behind");
    up(&database);
    assert_eq!(dump(&database), full);
}

#[rstest]
fn a_failed_migration_leaves_the_schema_unchanged(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = TestDatabase::new(backend);
    database.execute("CREATE TABLE installation_secrets (somebody_elses INTEGER)");
    let before = dump(&database);
    let error = migrations::run(&mut database.connect(), |_| Ok(())).expect_err("the table already exists");
    assert!(error.to_string().contains("installation_secrets"), "{error}");
    assert_eq!(dump(&database), before);
}

#[test]
fn a_postgres_database_without_utf8_is_refused() {
    let database = TestDatabase::postgres_in("LATIN1");
    let error = migrations::run(&mut database.connect(), |_| Ok(())).expect_err("it is not UTF-8");
    assert!(
        error.to_string().ends_with("the database's encoding is LATIN1; create it with ENCODING 'UTF8'"),
        "{error}"
    );
}

#[test]
fn both_databases_have_the_same_migrations_with_up_and_down() {
    let names = |folder: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        fs::read_dir(folder)
            .expect("migrations")
            .map(|entry| {
                let path = entry.expect("an entry").path();
                for file in ["up.sql", "down.sql"] {
                    let sql = fs::read_to_string(path.join(file)).expect(file);
                    assert!(
                        sql.lines().any(|line| !line.trim().is_empty() && !line.starts_with("--")),
                        "{}/{file} does nothing",
                        path.display()
                    );
                }
                path.file_name().expect("a name").to_string_lossy().into_owned()
            })
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
