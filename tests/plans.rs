//! Every statement of the service finds its rows by an index. The service runs with its statements recorded, the test
//! runs all flows, and the database explains each recorded statement.
//!
//! A program of its own: the test, or the service if [`STATEMENT_LOG`] is set.

#[path = "support/mod.rs"]
mod support;

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::Path,
    process::{Command, ExitCode},
    sync::{Arc, OnceLock},
};

use Backend::{Postgres, Sqlite};
use diesel::connection::{InstrumentationEvent, set_default_instrumentation};
use libtest_mimic::{Arguments, Trial};
use serde_json::{Value, json};
use support::{
    Backend, Browser, GOOD, Mailbox, Server, TestDatabase, eventually,
    mailbox::Behaviour,
    server::{BROWSER, command},
};
use vestibule::{appearance::SharedTheme, config::Config, gallery, server, supervisor::Supervisor};

/// The environment variable with the file that the service writes its statements to.
const STATEMENT_LOG: &str = "PLANS_HEARD";
/// Tables that grow with accounts and their activity.
const GROWING: [&str; 7] = ["users", "sessions", "mail_tokens", "claims", "outbox", "audit_log", "rate_limits"];
/// Indexes of pending mails.
const PENDING: [&str; 3] = ["outbox_next_attempt_at_idx", "outbox_attempts_idx", "outbox_user_id_idx"];
/// Rows of one batch, and of more than two batches.
const BATCH: usize = 100;
const MANY: usize = 250;
static LOG_FILE: OnceLock<File> = OnceLock::new();
const BETTER: &str = "four crabs on a warm beach";

fn main() -> ExitCode {
    if let Some(file) = std::env::var_os(STATEMENT_LOG) {
        serve(Path::new(&file));
        return ExitCode::SUCCESS;
    }
    let trials = [Sqlite, Postgres].map(|backend| {
        Trial::test(format!("no_statement_scans_a_growing_table::{backend:?}"), move || {
            the_check_detects_a_scan(backend);
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(no_statement_scans_a_growing_table(backend));
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

/// Runs the service and writes each statement to the file, one on a line.
fn serve(file: &Path) {
    LOG_FILE.set(OpenOptions::new().append(true).create(true).open(file).expect("a file")).expect("set once");
    set_default_instrumentation(|| {
        Some(Box::new(|event: InstrumentationEvent<'_>| {
            let line = match event {
                InstrumentationEvent::StartQuery { query, .. } => query.to_string(),
                InstrumentationEvent::CommitTransaction { .. } => "COMMIT".to_owned(),
                _ => return,
            };
            let statement = line.split("-- binds").next().unwrap_or_default();
            let statement = statement.split_whitespace().collect::<Vec<_>>().join(" ");
            LOG_FILE.get().expect("the file").write_all(format!("{statement}\n").as_bytes()).expect("written");
        }))
    })
    .expect("instrumentation");
    let config = Config::load().unwrap_or_else(|error| panic!("{error:?}"));
    let theme = gallery::checked(config.brand.clone()).unwrap_or_else(|_| panic!("a theme"));
    server::serve(&config, &Supervisor::default(), SharedTheme::new(theme), None).expect("served");
}

/// The statements of the service, in order.
struct Recorded(Vec<String>);

impl Recorded {
    /// The distinct statements that read or change rows of growing tables.
    fn statements(&self) -> BTreeSet<String> {
        let is_about = |statement: &&String| {
            let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "];
            verbs.iter().any(|verb| statement.starts_with(verb)) && GROWING.iter().any(|table| names(statement, table))
        };
        self.0.iter().filter(is_about).map(|statement| shortened(statement)).collect()
    }
}

fn names(statement: &str, table: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    statement.split(|c| !is_part(c)).any(|word| word == table)
}

/// Statements that differ only in the length of a list become equal.
fn shortened(statement: &str) -> String {
    match statement.split_once(" IN (?") {
        Some((before, list)) => format!("{before} IN (?){}", list.split_once(')').map_or("", |(_, after)| after)),
        None => statement.to_owned(),
    }
}

async fn no_statement_scans_a_growing_table(backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = Arc::new(TestDatabase::new(backend));
    let file = folder.path().join("statements");
    run_all_flows(&database, &file).await;
    let recorded = Recorded(fs::read_to_string(&file).expect("the statements").lines().map(str::to_owned).collect());

    let statements = recorded.statements();
    for table in GROWING {
        for verb in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
            // Rows of the audit log and claims are never updated.
            if matches!((verb, table), ("UPDATE", "audit_log" | "claims")) {
                continue;
            }
            let is_recorded = statements.iter().any(|statement| statement.starts_with(verb) && names(statement, table));
            assert!(is_recorded, "{backend:?}: no {verb} of {table}: {statements:#?}");
        }
    }
    assert!(statements.len() > 60, "{backend:?}: {} statements", statements.len());
    if backend == Postgres {
        // The planner chooses between two indexes only for a table with rows.
        let then = "'2020-01-01 00:00:00'";
        database.execute(&format!(
            "INSERT INTO outbox (message_id, kind, detail, recipient, user_id, next_attempt_at, created_at) \
             SELECT 'x', 'x', 'x', n || '@example.com', n, {then}, {then} FROM generate_series(1, 5000) n; ANALYZE outbox"
        ));
    }
    let scans: Vec<String> = statements.iter().flat_map(|statement| scans(&database, statement)).collect();
    assert!(scans.is_empty(), "{backend:?}:\n{}", scans.join("\n"));
    println!("{backend:?}: {} statements, each by an index", statements.len());
    if backend == Sqlite {
        assert_references_have_an_index(&database);
    }
    assert_batches(&recorded, &database);
}

/// Starts the service on this database, with its statements recorded.
fn start(database: &Arc<TestDatabase>, file: &Path, settings: &[(&str, &str)]) -> Server {
    let plain = command(&database.url, settings);
    let mut service = Command::new(std::env::current_exe().expect("this program"));
    service.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    service.env(STATEMENT_LOG, file).current_dir(std::env::temp_dir());
    Server::run(service, Arc::clone(database))
}

/// The beginning of a query with this number of rows, `n`.
fn rows(many: usize) -> String {
    format!("WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {many}) SELECT")
}

/// Inserts more sessions and audit log rows than an account may have.
fn exceed_account_bounds(database: &TestDatabase, email: &str) {
    let bytes = if database.backend == Sqlite { "CAST('y' || n AS BLOB)" } else { "('y' || n)::bytea" };
    let (then, id) = ("'2020-01-01 00:00:00'", format!("(SELECT id FROM users WHERE email = '{email}')"));
    database.execute(&format!(
        "INSERT INTO audit_log (user_id, event, succeeded, at) {} {id}, 'login', TRUE, {then} FROM n; \
         INSERT INTO sessions (token_hash, kind, user_id, created_at, last_seen_at, expires_at) \
         {} {bytes}, 'browser', {id}, {then}, {then}, {then} FROM n",
        rows(500 + MANY),
        rows(100 + BATCH / 2),
    ));
}

/// Inserts expired rows of each kind that maintenance deletes.
fn insert_expired_rows(database: &TestDatabase) {
    let then = "'2020-01-01 00:00:00'";
    let rows = rows(MANY);
    let bytes = if database.backend == Sqlite { "CAST('x' || n AS BLOB)" } else { "('x' || n)::bytea" };
    let owner = "(SELECT min(id) FROM users)";
    for sql in [
        format!(
            "users (email, password_hash, is_verified, created_at, updated_at) VALUES ('owner@example.com', '!', TRUE, {then}, {then})"
        ),
        format!(
            "users (email, password_hash, must_prove, proof_due, created_at, updated_at) {rows} 'p' || n || '@example.com', '!', TRUE, {then}, {then}, {then} FROM n"
        ),
        format!(
            "sessions (token_hash, kind, user_id, created_at, last_seen_at, expires_at) {rows} {bytes}, 'browser', {owner}, {then}, {then}, {then} FROM n"
        ),
        format!(
            "mail_tokens (token_hash, purpose, user_id, sent_to, created_at, expires_at) {rows} {bytes}, 'verify_email', {owner}, 'x', {then}, {then} FROM n"
        ),
        format!("claims (user_id, password_hash, created_at) {rows} {owner}, '!', {then} FROM n"),
        format!("audit_log (event, succeeded, at) {rows} 'login', TRUE, {then} FROM n"),
        format!("rate_limits (key, tat) {rows} {bytes}, 1 FROM n"),
        format!(
            "outbox (message_id, kind, detail, recipient, state, next_attempt_at, created_at, done_at) {rows} 'x', 'x', 'x', 'x', 'sent', {then}, {then}, {then} FROM n"
        ),
    ] {
        database.execute(&format!("INSERT INTO {sql}"));
    }
}

/// Runs all flows of browsers and API clients, and maintenance.
async fn run_all_flows(database: &Arc<TestDatabase>, file: &Path) {
    vestibule::store::migrations::run(&mut database.connect(), |_| Ok(())).expect("up");
    insert_expired_rows(database);
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let limits = [("RATE_LIMITS", "on"), ("RATE_LIMIT_LOGIN_PAIR", "3/day"), ("METRICS_ADDR", "127.0.0.1:0")];
    let server = start(database, file, &[&[("SMTP_URL", url.as_str())], &limits[..]].concat());
    let expired = "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM rate_limits WHERE tat = 1)";
    eventually("what has expired is deleted", async || (database.count(expired) == 1).then_some(())).await;
    browser_flows(&server, &mailbox).await;
    api_flows(&server, &mailbox).await;
    mailbox.behave(Behaviour { recipient_answer: "450 later", ..Behaviour::default() });
    assert_eq!(
        server.post_json("/register", &json!({"email": "later@example.com", "password": GOOD})).await.status,
        201
    );
    let postponed = "SELECT count(*) FROM outbox WHERE state = 'pending' AND last_error IS NOT NULL";
    eventually("a mail is postponed", async || (database.count(postponed) > 0).then_some(())).await;
    mailbox.behave(Behaviour::default());
    drop(server);

    let strict = [("CONCEAL_ACCOUNTS", "on"), ("REQUIRE_VERIFIED_EMAIL", "on"), ("BCRYPT_COST", "5")];
    let server = start(database, file, &[&[("SMTP_URL", url.as_str())], &strict[..]].concat());
    concealed_flows(&server, &mailbox).await;
    let pending = "SELECT count(*) FROM outbox WHERE state = 'pending' AND attempts = 0";
    eventually("every mail was tried", async || (database.count(pending) == 0).then_some(())).await;
}

async fn browser_flows(server: &Server, mailbox: &Mailbox) {
    let ada = Browser::new(server);
    ada.sign_up("ada@example.com", GOOD).await;
    assert_eq!(ada.get("/welcome").await.status, 200);
    let mail = mailbox.newest("ada@example.com", 1).await;
    let wrong = if mail.code() == "000000" { "000001" } else { "000000" };
    assert_eq!(ada.post("/verify-email", &[("code", wrong)]).await.status, 400);
    assert_eq!(ada.post("/verify-email/resend", &[]).await.status, 200);
    let code = mailbox.newest("ada@example.com", 2).await.code();
    assert_eq!(ada.post("/verify-email", &[("code", &code)]).await.status, 200);
    assert_eq!(Browser::location(&ada.post("/account/profile", &[("full_name", "Ada King")]).await), "/account");
    let fields = [("email", "king@example.com"), ("current_password", GOOD)];
    assert_eq!(Browser::location(&ada.post("/account/email", &fields).await), "/account");
    assert_eq!(ada.get("/account").await.status, 200);
    let link = mailbox.newest("king@example.com", 1).await.link().replace(&server.url(""), "");
    let token = ada.get(&link).await.page(200).attribute("input[name=token]", "value").expect("a token");
    assert_eq!(ada.post("/verify-email", &[("token", &token)]).await.status, 200);
    let phone = Browser::new(server);
    exceed_account_bounds(&server.database, "king@example.com");
    assert_eq!(Browser::location(&phone.log_in("king@example.com", GOOD).await), "/account");
    let lines = "SELECT count(*) FROM audit_log WHERE event = 'login' AND succeeded AND user_id IS NOT NULL";
    eventually("surplus lines are deleted", async || (server.database.count(lines) == 500).then_some(())).await;
    assert_eq!(server.database.count("SELECT count(*) FROM sessions WHERE kind = 'browser'"), 100);
    let fields = [("current_password", GOOD), ("password", BETTER)];
    assert_eq!(Browser::location(&ada.post("/account/password", &fields).await), "/account");
    // Once more, as after two hours without a request.
    let before = if server.database.backend == Sqlite {
        "strftime('%Y-%m-%d %H:%M:%S', last_seen_at, '-2 hours')"
    } else {
        "last_seen_at - interval '2 hours'"
    };
    server.database.execute(&format!("UPDATE sessions SET last_seen_at = {before}"));
    assert!(ada.is_signed_in().await);
    assert_eq!(Browser::location(&ada.post("/account/sessions/revoke", &[("id", "others")]).await), "/account");
    assert_eq!(ada.post("/account/sessions/revoke", &[("id", "1")]).await.status, 303);
    assert_eq!(ada.get("/account/export").await.status, 200);
    assert_eq!(Browser::location(&ada.post("/logout", &[]).await), "/login");
    assert_eq!(phone.post("/forgot-password", &[("email", "king@example.com")]).await.status, 200);
    let reset = mailbox.newest("king@example.com", 3).await.token();
    let body = json!({"token": reset, "password": GOOD});
    assert_eq!(server.post_json("/reset-password", &body).await.status, 204);
    for identifier in ["owner@example.com", "nobody@example.com", "nobody"] {
        for status in [403, 403, 403, 429] {
            assert_eq!(Browser::new(server).log_in(identifier, "not the password").await.status, status);
        }
    }
    assert_eq!(Browser::location(&ada.log_in("king@example.com", GOOD).await), "/account");
    let fields = [("current_password", GOOD), ("confirm", "on")];
    assert_eq!(Browser::location(&ada.post("/account/delete", &fields).await), "/account/deleted");
    mailbox.wait_for("king@example.com", 5).await;
}

async fn api_flows(server: &Server, mailbox: &Mailbox) {
    let made = server.post_json("/users", &json!({"username": "grace", "password": GOOD})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let taken = server.post_json("/users", &json!({"username": "Grace", "password": GOOD})).await;
    assert_eq!(taken.status, 400, "{}", taken.text());
    let private = json!({"email": "linus@example.com", "password": GOOD, "full_name": "Linus"});
    assert_eq!(server.post_json("/api/v1/private/users/", &private).await.status, 200);
    let [first, second] = [server.token("grace", GOOD).await, server.token("grace", GOOD).await];
    let ask = async |method: &str, path: &str, body: Value| server.as_program(&first, method, path, &body).await;
    assert_eq!(ask("GET", "/api/v1/users/me", Value::Null).await.status, 200);
    assert_eq!(ask("GET", "/api/v1/session", Value::Null).await.status, 204);
    assert_eq!(ask("GET", "/api/v1/users/me/sessions", Value::Null).await.status, 200);
    let change = json!({"full_name": "Grace Hopper", "email": "linus@example.com", "current_password": GOOD});
    let changed = ask("PATCH", "/api/v1/users/me", change).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    // The address belongs to another account, which gets a notice besides the mail of its sign-up.
    mailbox.wait_for("linus@example.com", 2).await;
    let sessions = ask("GET", "/api/v1/users/me/sessions", Value::Null).await.json();
    let is_other = |session: &&Value| session["is_current"] == json!(false);
    let id = sessions.as_array().expect("a list").iter().find(is_other).expect("another")["id"].clone();
    assert_eq!(ask("DELETE", &format!("/api/v1/users/me/sessions/{id}"), Value::Null).await.status, 204);
    assert_eq!(server.as_program(&second, "GET", "/api/v1/users/me", &Value::Null).await.status, 401);
    assert_eq!(ask("DELETE", "/api/v1/users/me/sessions", Value::Null).await.status, 204);
    let form = [("accept", BROWSER), ("content-type", "application/x-www-form-urlencoded")];
    let body = format!("username=grace&password={GOOD}");
    assert_eq!(server.send("POST", "/api/v1/login/access-token", &form, body).await.status, 200);
    assert_eq!(ask("DELETE", "/api/v1/users/me", json!({"current_password": GOOD})).await.status, 204);
    assert_eq!(server.get("/readyz").await.status, 200);
}

/// With concealed accounts: three sign-ups for one address are an account and two claims.
async fn concealed_flows(server: &Server, mailbox: &Mailbox) {
    for number in 1..=3 {
        let body = json!({"email": "eve@example.com", "password": GOOD, "full_name": format!("Eve {number}")});
        let answer = server.post_json("/register", &body).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        mailbox.wait_for("eve@example.com", number).await;
    }
    let body = json!({"token": mailbox.newest("eve@example.com", 3).await.token(), "password": GOOD});
    assert_eq!(server.post_json("/verify-email", &body).await.status, 204);
    let answer = server.post_json("/register", &json!({"email": "eve@example.com", "password": BETTER})).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    mailbox.wait_for("eve@example.com", 4).await;
    // A hash of lower cost is replaced.
    server.database.execute("UPDATE users SET is_verified = TRUE WHERE email = 'linus@example.com'");
    server.token("linus@example.com", GOOD).await;
    let absent = json!({"email": "nobody@example.com"});
    assert_eq!(server.post_json("/forgot-password", &absent).await.status, 202);
    assert_eq!(server.post_json("/verify-email/resend", &absent).await.status, 202);
}

/// Deleting an account searches the rows that reference it, which no plan shows.
fn assert_references_have_an_index(database: &TestDatabase) {
    let references = database.texts(
        "SELECT m.name || '.' || f.\"from\" AS t FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
    );
    let indexed = database.texts(
        "SELECT m.name || '.' || c.name AS t FROM sqlite_master m JOIN pragma_index_list(m.name) l \
         JOIN pragma_index_info(l.name) c WHERE m.type = 'table' AND c.seqno = 0 AND l.partial = 0",
    );
    assert_eq!(references.len(), 4, "{references:?}");
    for reference in references {
        assert!(indexed.contains(&reference), "{reference}");
    }
}

/// Expired rows are deleted in transactions of one batch each, so that SQLite's single writer is not blocked for long.
fn assert_batches(recorded: &Recorded, database: &TestDatabase) {
    for table in ["sessions", "mail_tokens", "claims", "outbox", "audit_log", "rate_limits", "users"] {
        let is_deletion = |line: &String| {
            line.starts_with("DELETE") && line.contains(&format!("\"{table}\""))
                || line.starts_with(&format!("DELETE FROM `{table}`"))
        };
        let transactions = recorded.0.split(|line| line == "COMMIT");
        let sizes: Vec<usize> = transactions
            .map(|transaction| {
                let deletions = transaction.iter().filter(|line| is_deletion(line));
                // Accounts are deleted one by one.
                deletions.map(|line| if table == "users" { 1 } else { line.matches('?').count().max(1) }).sum()
            })
            .filter(|size| *size > 0)
            .collect();
        assert!(sizes.len() >= MANY.div_ceil(BATCH), "{table}: {sizes:?}");
        // On PostgreSQL a batch is one bind value.
        if database.backend == Sqlite || table == "users" {
            assert!(
                sizes.iter().all(|size| *size <= BATCH) && sizes.iter().sum::<usize>() >= MANY,
                "{table}: {sizes:?}"
            );
        }
    }
}

/// The lines of a statement's plan that scan a whole table.
fn scans(database: &TestDatabase, statement: &str) -> Vec<String> {
    let plan = plan(database, statement);
    let scans: Vec<String> = plan
        .iter()
        .enumerate()
        .filter(|(place, _)| is_scan(database.backend, statement, &plan, *place))
        .map(|(_, line)| line.clone())
        .collect();
    scans.into_iter().map(|line| format!("{line}: {statement}")).collect()
}

fn plan(database: &TestDatabase, statement: &str) -> Vec<String> {
    use diesel::{QueryableByName, RunQueryDsl as _, connection::SimpleConnection as _, sql_query, sql_types::Text};
    use vestibule::store::AnyConnection;

    #[derive(QueryableByName)]
    struct Sqlites {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    #[derive(QueryableByName)]
    struct Postgreses {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        line: String,
    }
    match &mut database.connect() {
        AnyConnection::Sqlite(connection) => {
            let rows: Vec<Sqlites> =
                sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(connection).expect(statement);
            rows.into_iter().map(|row| row.detail).collect()
        }
        AnyConnection::Postgres(connection) => {
            // The generic plan, without the values. Without this setting, empty tables would be scanned.
            connection
                .batch_execute(&format!(
                    "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; PREPARE it AS {statement}"
                ))
                .expect(statement);
            let parameters = (1..100).rev().find(|number| statement.contains(&format!("${number}"))).unwrap_or(0);
            let values = vec!["NULL"; parameters].join(", ");
            let values = if parameters == 0 { String::new() } else { format!("({values})") };
            let rows: Vec<Postgreses> =
                sql_query(format!("EXPLAIN EXECUTE it{values}")).load(connection).expect(statement);
            rows.into_iter().map(|row| row.line).collect()
        }
    }
}

/// Whether this line of a plan scans a whole table or a whole index. The number and the age of pending mails are read
/// from an index of pending mails only, which is allowed.
fn is_scan(backend: Backend, statement: &str, plan: &[String], place: usize) -> bool {
    let node = plan[place].trim_start().trim_start_matches("->").trim_start();
    let counts_pending = names(&statement.to_lowercase(), "min") && PENDING.iter().any(|index| names(node, index));
    match backend {
        Sqlite => node.starts_with("SCAN") && node != "SCAN CONSTANT ROW" && !counts_pending,
        Postgres => {
            let is_read =
                ["Index Scan", "Index Only Scan", "Bitmap Index Scan"].iter().any(|kind| node.starts_with(kind));
            let is_searched = plan.get(place + 1).is_some_and(|next| next.trim_start().starts_with("Index Cond"));
            node.starts_with("Seq Scan") || is_read && !is_searched && !counts_pending
        }
    }
}

fn the_check_detects_a_scan(backend: Backend) {
    let database = TestDatabase::new(backend);
    vestibule::store::migrations::run(&mut database.connect(), |_| Ok(())).expect("up");
    let value = if backend == Sqlite { "?" } else { "$1" };
    for statement in [
        format!("SELECT id FROM users WHERE full_name = {value}"),
        format!("SELECT id FROM users WHERE updated_at < {value} ORDER BY id LIMIT 5"),
        format!("DELETE FROM sessions WHERE peer = {value}"),
        format!("UPDATE outbox SET attempts = 0 WHERE message_id = {value}"),
        format!("SELECT count(*) FROM outbox WHERE state = {value}"),
        format!("SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.peer = {value}"),
    ] {
        assert!(
            !scans(&database, &statement).is_empty(),
            "{backend:?}: {statement}: {:?}",
            plan(&database, &statement)
        );
    }
    let searched = format!("SELECT id FROM users WHERE email = {value}");
    assert_eq!(scans(&database, &searched), Vec::<String>::new());
}
