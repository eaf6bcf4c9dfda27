//! Documented backups and the files that the program writes are readable by their owner only.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command, sync::Arc};

use crate::support::{Backend, GOOD, Server, TestDatabase};

/// The files of a folder, with their permission bits.
fn modes(folder: &Path) -> BTreeMap<String, u32> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let mode = |entry: &fs::DirEntry| entry.metadata().expect("a file").permissions().mode() & 0o777;
    entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), mode(&entry))).collect()
}

/// Documented commands with this word: indented lines, and code between backticks.
fn commands(word: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for file in ["README.md", "docs/operations.md"] {
        let text = fs::read_to_string(root.join(file)).expect(file);
        found.extend(text.lines().filter(|line| line.starts_with("    ")).map(str::to_owned));
        let joined = text.replace("\n  ", " ");
        found.extend(joined.split('`').skip(1).step_by(2).map(str::to_owned));
    }
    // The name of a program alone is no command.
    found.retain(|command| command.contains(word) && command.contains("umask"));
    found
}

/// With a umask that makes new files world-readable.
fn run(command: &str, folder: &Path, database_url: &str) {
    let shell = ["-c", &format!("umask 022; {command}")];
    let status =
        Command::new("sh").args(shell).current_dir(folder).env("DATABASE_URL", database_url).status().expect("sh");
    assert!(status.success(), "{command}");
}

#[tokio::test]
async fn documented_sqlite_backups_are_readable_by_the_owner_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("vestibule.db").display());
    let database = Arc::new(TestDatabase::at(url.clone(), Backend::Sqlite));
    let server = Server::start_on(database, &[]);
    server.sign_up("ada@example.com").await;
    let commands = commands("sqlite3 ");
    assert_eq!(commands.len(), 3, "{commands:?}");
    for command in commands {
        run(&command, folder.path(), &url);
        let modes = modes(folder.path());
        assert_eq!(modes.get("copy.db"), Some(&0o600), "{command}: {modes:?}");
        assert!(modes.values().all(|mode| *mode == 0o600), "{modes:?}");
        let copy = TestDatabase::at(format!("sqlite://{}", folder.path().join("copy.db").display()), Backend::Sqlite);
        assert_eq!(copy.count("SELECT count(*) FROM users"), 1, "{command}");
        drop(copy);
        for name in modes.keys().filter(|name| name.starts_with("copy.db")) {
            fs::remove_file(folder.path().join(name)).expect("removed");
        }
    }
}

#[tokio::test]
async fn documented_postgres_dumps_are_readable_by_the_owner_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(Backend::Postgres);
    server.sign_up("ada@example.com").await;
    let commands = commands("pg_dump ");
    assert_eq!(commands.len(), 1, "{commands:?}");
    run(&commands[0], folder.path(), &server.database.url);
    assert_eq!(modes(folder.path()), BTreeMap::from([("accounts.dump".to_owned(), 0o600)]));
}

/// Whatever the umask.
#[tokio::test]
async fn database_files_are_readable_by_the_owner_only() {
    let script = ["-c", "umask 000; exec \"$0\"", env!("CARGO_BIN_EXE_vestibule")];
    let server = Server::start_as(Backend::Sqlite, Command::new("sh").args(script), &[]);
    let answer =
        server.post_json("/register", &serde_json::json!({"email": "ada@example.com", "password": GOOD})).await;
    assert_eq!(answer.status, 201);
    let files = server.database.files();
    let modes = modes(files[0].parent().expect("a folder"));
    let expected = ["test.db", "test.db-lock", "test.db-shm", "test.db-wal"].map(|name| (name.to_owned(), 0o600));
    assert_eq!(modes, BTreeMap::from(expected));
}
