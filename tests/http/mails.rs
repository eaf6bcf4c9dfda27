//! Mail: what is said to the mail server, and that neither its absence nor ours loses anything.

use std::sync::Arc;

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Backend, Behaviour, FakeClock, GOOD, Mailbox, Server, TestDatabase, eventually, mailbox::Received,
};
use Backend::{Postgres, Sqlite};

async fn sign_up(server: &Server, email: &str) {
    let answer = server.post_json("/register", &json!({"email": email, "password": GOOD})).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[rstest]
#[tokio::test]
async fn a_mail_is_whole_and_goes_to_one_address(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let settings = [
        ("MAIL_FROM", "Example <accounts@example.org>"),
        ("BRAND_NAME", "Example & Söhne"),
        ("SUPPORT_EMAIL", "help@example.org"),
    ];
    let server = Server::mailing(backend, &mailbox, &settings);
    sign_up(&server, "Ada+Tag@example.com").await;
    let mail = mailbox.newest("ada+tag@example.com", 1).await;
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("accounts@example.org", &["ada+tag@example.com".to_owned()][..])
    );
    for (name, value) in [
        ("From", "Example <accounts@example.org>"),
        ("To", "ada+tag@example.com"),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
    ] {
        assert_eq!(mail.header(name), [value], "{name}");
    }
    for name in ["Cc", "Bcc", "Reply-To", "Sender"] {
        assert_eq!(mail.header(name), Vec::<String>::new(), "{name}");
    }
    assert_eq!(mail.header("Message-ID").len(), 1);
    assert_eq!(mail.subject(), format!("{} is your code for Example & Söhne", mail.code()));
    for part in [mail.text(), mail.html()] {
        assert!(part.contains(&mail.link().replace('&', "&amp;")), "{part}");
        assert!(part.contains(&mail.code()), "{part}");
        assert!(part.contains("help@example.org"));
    }
    assert!(mail.html().contains("Example &amp; Söhne"), "escaped in HTML");
    assert!(mail.link().starts_with(&server.url("/verify-email?token=")));
    assert_eq!(mailbox.conversation().matches("RCPT TO").count(), 1);
}

/// Links begin with `PUBLIC_URL`, whatever a request says of its host.
#[rstest]
#[tokio::test]
async fn links_lead_to_the_configured_host(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("PUBLIC_URL", "http://accounts.example.com")]);
    sign_up(&server, "ada@example.com").await;
    mailbox.wait_for("ada@example.com", 1).await;
    for (place, header) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "gopher"),
        ("x-forwarded-prefix", "/evil"),
        ("forwarded", "host=evil.example;proto=https"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({"email": "ada@example.com"}).to_string();
        let headers = [("content-type", "application/json"), header];
        let answer = server.send("POST", "/forgot-password", &headers, body).await;
        assert_eq!(answer.status, 202, "{header:?}");
        let mail = mailbox.newest("ada@example.com", place + 2).await;
        assert!(mail.link().starts_with("http://accounts.example.com/reset-password?token="), "{header:?}");
        assert!(!mail.raw.contains("evil"));
    }
}

/// Nothing a stranger types becomes a header or another recipient.
#[rstest]
#[tokio::test]
async fn nothing_typed_becomes_a_header(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    for email in [
        "x\r\nBcc: victim@example.com <a@b.com>",
        "a@b.com\r\nBcc: v@example.com",
        "\"a@b.com, v@x.com\"@evil.com",
        "a@b.com, v@example.com",
        " <a@b.com>\r\n",
        "a@b.com\0",
    ] {
        for path in ["/register", "/forgot-password", "/verify-email/resend"] {
            let body = json!({"email": email, "password": GOOD, "full_name": "A\r\nBcc: v@example.com"});
            assert_eq!(server.post_json(path, &body).await.status, 400, "{path} {email:?}");
        }
    }
    for value in [json!(["a@b.com", "v@example.com"]), json!({"a": "b"}), json!(1), json!(true)] {
        for path in ["/forgot-password", "/verify-email/resend", "/register"] {
            assert_eq!(server.post_json(path, &json!({"email": value})).await.status, 400, "{path} {value}");
        }
    }
    // Names go into no mail at all.
    let body = json!({"email": "ada@example.com", "password": GOOD, "full_name": "<script>alert(1)</script>"});
    assert_eq!(server.post_json("/register", &body).await.status, 201);
    let mail = mailbox.newest("ada@example.com", 1).await;
    assert!(!mail.raw.contains("script"));
    assert_eq!(mailbox.all().len(), 1);
}

#[rstest]
#[tokio::test]
async fn a_mail_server_that_is_down_or_slow_changes_no_answer(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::closed();
    let clock = FakeClock::new();
    let database = Arc::new(TestDatabase::new(backend));
    let url = mailbox.url();
    let all = clock.with(&[("SMTP_URL", &url)]);
    let server = Server::start_on(Arc::clone(&database), &all);

    // Down.
    for number in 0..5 {
        sign_up(&server, &format!("down{number}@example.com")).await;
    }
    for address in ["down0@example.com", "nobody@example.com"] {
        assert_eq!(server.post_json("/forgot-password", &json!({"email": address})).await.status, 202);
    }
    server.log_with("a mail could not be sent").await;
    assert!(!server.log().contains("example.com"), "addresses stand in no log line");

    // Killed in between; nothing is lost.
    server.kill();
    let server = Server::start_on(Arc::clone(&database), &all);
    assert_eq!(database.count("SELECT count(*) FROM outbox WHERE state = 'pending' AND recipient LIKE 'down%'"), 6);

    // So slow that it says nothing at all meanwhile.
    mailbox.behave(Behaviour { silent_at: "CONNECT", ..Behaviour::default() });
    mailbox.reopen();
    clock.set(3600);
    mailbox.is_told("CONNECT").await;
    sign_up(&server, "slow@example.com").await;
    assert_eq!(server.post_json("/forgot-password", &json!({"email": "slow@example.com"})).await.status, 202);
    assert_eq!(mailbox.conversation(), "");

    // Killed while it speaks to the mail server, and that is well again.
    server.kill();
    mailbox.behave(Behaviour::default());
    clock.set(7200);
    let server = Server::start_on(Arc::clone(&database), &all);
    for address in ["down1@example.com", "down2@example.com", "down3@example.com", "down4@example.com"] {
        let mail = mailbox.newest(address, 1).await;
        // It lives from the moment it was sent.
        let body = json!({"token": mail.token(), "password": GOOD});
        assert_eq!(server.post_json("/verify-email", &body).await.status, 204, "{address}");
    }
    for address in ["down0@example.com", "slow@example.com"] {
        let subjects: Vec<String> = mailbox.wait_for(address, 2).await.iter().map(Received::subject).collect();
        assert!(subjects.iter().any(|subject| subject == "Choose a new password for Vestibule"), "{subjects:?}");
    }
    assert!(mailbox.to("nobody@example.com").is_empty());
}

#[rstest]
#[tokio::test]
async fn starttls_is_never_left_out(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("u:p%40ss@", "")] user: &str,
) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let option = if user.is_empty() { "?tls=required" } else { "" };
    let url = format!("smtp://{user}127.0.0.1:{}{option}", mailbox.port);
    let authority = mailbox.authority().display().to_string();
    let all = clock.with(&[("SMTP_URL", url.as_str()), ("SSL_CERT_FILE", &authority)]);
    let server = Server::start_with(backend, &all);

    // A server, or somebody in between, that does not offer it learns nothing.
    sign_up(&server, "ada@example.com").await;
    server.log_with("a mail could not be sent").await;
    assert!(!mailbox.conversation().contains("MAIL FROM"));
    assert!(!mailbox.conversation().contains("AUTH"));
    assert!(mailbox.all().is_empty());

    // Once it does, the mail comes.
    mailbox.behave(Behaviour { offers_tls: true, ..Behaviour::default() });
    clock.set(60);
    let mail = mailbox.newest("ada@example.com", 1).await;
    assert!(mail.was_encrypted);
    let before = mailbox.conversation();
    let (clear, encrypted) = before.split_once("STARTTLS").expect("it was used");
    assert!(!clear.contains("MAIL FROM"));
    assert_eq!(encrypted.contains("AUTH PLAIN AHUAcEBzcw=="), !user.is_empty(), "{encrypted}");
    assert!(!server.log().contains("p@ss"));
    assert!(!server.log().contains("p%40ss"));
}

/// A certificate that nobody vouches for is no protection.
#[tokio::test]
async fn an_unknown_certificate_is_refused() {
    let mailbox = Mailbox::behaving(Behaviour { offers_tls: true, ..Behaviour::default() });
    let url = format!("smtp://127.0.0.1:{}?tls=required", mailbox.port);
    let server = Server::start_with(Sqlite, &[("SMTP_URL", &url)]);
    sign_up(&server, "ada@example.com").await;
    server.log_with("a mail could not be sent").await;
    assert!(mailbox.all().is_empty());
    assert!(!mailbox.conversation().contains("MAIL FROM"));
}

#[rstest]
#[tokio::test]
async fn what_is_refused_for_good_is_given_up_in_the_end(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::behaving(Behaviour { recipient_answer: "550 5.1.1 no such user", ..Behaviour::default() });
    let clock = FakeClock::new();
    let url = mailbox.url();
    let server = Server::start_with(backend, &clock.with(&[("SMTP_URL", &url)]));
    sign_up(&server, "gone@example.com").await;
    let state = "SELECT state || ' ' || CAST(attempts AS TEXT) AS t FROM outbox WHERE lease_until IS NULL";
    let until = async |wanted: &str| {
        eventually(wanted, async || (server.database.texts(state) == [wanted]).then_some(())).await;
    };
    // It may be the server that is wrong, so it is asked some more.
    for attempt in 1..6 {
        until(&format!("pending {attempt}")).await;
        clock.set(1000 * attempt);
    }
    until("dead 6").await;
    let error = server.database.texts("SELECT last_error AS t FROM outbox").remove(0);
    assert!(error.contains("550"), "{error}");
    assert!(error.contains("no such user"), "{error}");

    // One that says to come back later is asked for three days.
    server.database.execute("DELETE FROM outbox");
    mailbox.behave(Behaviour { recipient_answer: "451 4.7.1 try again later", ..Behaviour::default() });
    sign_up(&server, "grey@example.com").await;
    until("pending 1").await;
    for hours in [1, 24, 48, 71] {
        let attempts = server.database.count("SELECT attempts FROM outbox");
        clock.set(6000 + hours * 3600);
        until(&format!("pending {}", attempts + 1)).await;
    }
    let attempts = server.database.count("SELECT attempts FROM outbox");
    clock.set(6000 + 73 * 3600);
    until(&format!("dead {}", attempts + 1)).await;
}

/// A mail that cannot be made is in nobody's way.
#[rstest]
#[tokio::test]
async fn one_bad_row_stops_no_other_mail(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    for (message_id, detail) in
        [("a", "{"), ("b", "{\"kind\":\"of a later version\"}"), ("c", "{\"kind\":\"verify_email\",\"claim\":77}")]
    {
        server.database.execute(&format!(
            "INSERT INTO outbox (message_id, kind, detail, recipient, next_attempt_at, created_at) \
             VALUES ('{message_id}', 'verify_email', '{detail}', 'ada@example.com', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        ));
    }
    sign_up(&server, "ada@example.com").await;
    mailbox.wait_for("ada@example.com", 1).await;
}

/// Nobody can fill a stranger's inbox; nor does the answer tell that it is enough.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_address_gets_so_many_mails_of_a_kind(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let database = Arc::new(TestDatabase::new(backend));
    let url = mailbox.url();
    let all = clock.with(&[("SMTP_URL", &url)]);
    let servers = [Server::start_on(Arc::clone(&database), &all), Server::start_on(Arc::clone(&database), &all)];
    sign_up(&servers[0], "ada@example.com").await;
    let mut mails = 1;
    mailbox.wait_for("ada@example.com", mails).await;
    let forgot = async |number: usize| {
        let body = json!({"email": if number.is_multiple_of(2) { "ADA@example.com " } else { "ada@example.com" }});
        assert_eq!(servers[number % 2].post_json("/forgot-password", &body).await.status, 202);
    };
    // Five an hour, and twenty a day, that one network address may cause.
    for (hour, most) in [(0, 5), (2, 5), (4, 5), (6, 5), (8, 0), (25, 5)] {
        clock.set(hour * 3600);
        for number in 0..most + 2 {
            forgot(number).await;
            servers[0].mails_are_settled().await;
        }
        mails += most;
        assert_eq!(mailbox.to("ada@example.com").len(), mails, "hour {hour}");
    }
    // The owner, who asks from elsewhere, still gets one.
    clock.set(25 * 3600 + 60);
    database.execute("UPDATE outbox SET peer = '192.0.2.1'");
    forgot(0).await;
    mailbox.wait_for("ada@example.com", mails + 1).await;
    // Many at once are not more.
    clock.set(100 * 3600);
    futures_util::future::join_all((0..40).map(&forgot)).await;
    servers[0].mails_are_settled().await;
    let more = mailbox.to("ada@example.com").len() - mails - 1;
    assert!((1..=5).contains(&more), "{more}");

    // Nor do notices flood: anybody may sign up with anybody's address, and change the password again and again.
    let bearer = servers[0].token("ada@example.com", GOOD).await;
    let before = mailbox.to("ada@example.com").len();
    for number in 0..8 {
        let passwords = [GOOD, "four crabs on a warm beach"];
        let body = json!({"current_password": passwords[number % 2], "password": passwords[(number + 1) % 2]});
        assert_eq!(servers[0].as_program(&bearer, "PATCH", "/api/v1/users/me", &body).await.status, 200);
        servers[0].mails_are_settled().await;
    }
    assert_eq!(mailbox.to("ada@example.com").len() - before, 5);
}

/// A stop waits for mails that are on their way: left in the middle, they would be sent once more.
#[rstest]
#[tokio::test]
async fn a_stop_finishes_the_mail_in_hand(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::behaving(Behaviour { silent_at: "MAIL", ..Behaviour::default() });
    let database = Arc::new(TestDatabase::new(backend));
    let url = mailbox.url();
    let mut server = Server::start_on(Arc::clone(&database), &[("SMTP_URL", &url)]);
    sign_up(&server, "ada@example.com").await;
    mailbox.is_told("MAIL FROM").await;
    server.signal("TERM");
    server.log_with("stopping: finishing requests in flight").await;
    mailbox.behave(Behaviour::default());
    assert_eq!(server.exit_code().await, Some(0));
    assert_eq!(mailbox.to("ada@example.com").len(), 1);
    assert_eq!(database.texts("SELECT state AS t FROM outbox"), ["sent"]);
}

/// Two instances share the work, and send nothing twice.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_instances_share_the_outbox(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let servers = Server::two_mailing(backend, &mailbox);
    for number in 0..60 {
        sign_up(&servers[number % 2], &format!("p{number}@example.com")).await;
    }
    for number in 0..60 {
        mailbox.wait_for(&format!("p{number}@example.com"), 1).await;
    }
    servers[0].mails_are_settled().await;
    assert_eq!(servers[0].database.count("SELECT count(*) FROM outbox WHERE state = 'sent'"), 60);
    assert_eq!(mailbox.all().len(), 60);
}

/// The mail is in the language of the sign-up, and later ones too.
#[rstest]
#[tokio::test]
async fn mails_speak_the_language_of_the_sign_up(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let body = json!({"email": "ada@example.com", "password": GOOD}).to_string();
    let headers = [("content-type", "application/json"), ("accept-language", "de-AT,de;q=0.9")];
    assert_eq!(server.send("POST", "/register", &headers, body).await.status, 201);
    let mail = mailbox.newest("ada@example.com", 1).await;
    assert!(mail.html().contains("lang=\"de\""), "{}", mail.subject());
    // A stranger's browser does not change it.
    assert_eq!(server.post_json("/forgot-password", &json!({"email": "ada@example.com"})).await.status, 202);
    assert!(mailbox.newest("ada@example.com", 2).await.html().contains("lang=\"de\""));
}

#[rstest]
#[tokio::test]
async fn without_a_mail_server_it_is_said_what_does_not_work(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    assert!(server.log_with("SMTP_URL is not set").await.contains("no mail is sent"));
    let off = json!({"detail": "The operator has set no mail server, so nothing was sent. Write to the people who run this service."});
    server.post_json("/forgot-password", &json!({"email": "a@example.com"})).await.assert_json(501, &off);
    server.post_json("/verify-email/resend", &json!({"email": "a@example.com"})).await.assert_json(501, &off);
    for path in ["/forgot-password", "/verify-email"] {
        let page = server.get(path).await.page(200);
        assert!(page.text("main").contains("This service cannot send mail"), "{path}");
        assert!(!page.has("form"));
    }
    assert_eq!(server.database.count("SELECT count(*) FROM outbox"), 0);
}
