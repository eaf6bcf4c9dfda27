//! Mails: headers, links, TLS, language, and a service without a mail server.

use rstest::rstest;
use serde_json::json;

use crate::support::{Backend, Behaviour, FakeClock, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};

#[rstest]
#[tokio::test]
async fn a_mail_has_complete_headers_and_one_recipient(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let settings = [
        ("MAIL_FROM", "Example <accounts@example.org>"),
        ("BRAND_NAME", "Example & Söhne"),
        ("SUPPORT_EMAIL", "help@example.org"),
    ];
    let server = Server::mailing(backend, &mailbox, &settings);
    server.sign_up("Ada+Tag@example.com").await;
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

/// Links begin with `PUBLIC_URL`, whatever the host headers of a request.
#[rstest]
#[tokio::test]
async fn links_lead_to_the_configured_host(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("PUBLIC_URL", "http://accounts.example.com")]);
    server.sign_up("ada@example.com").await;
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

/// User input never becomes a header or another recipient (header injection).
#[rstest]
#[tokio::test]
async fn user_input_cannot_inject_mail_headers(#[values(Sqlite, Postgres)] backend: Backend) {
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
    // Mails do not contain names.
    let body = json!({"email": "ada@example.com", "password": GOOD, "full_name": "<script>alert(1)</script>"});
    assert_eq!(server.post_json("/register", &body).await.status, 201);
    let mail = mailbox.newest("ada@example.com", 1).await;
    assert!(!mail.raw.contains("script"));
    assert_eq!(mailbox.all().len(), 1);
}

#[rstest]
#[tokio::test]
async fn starttls_is_required(#[values(Sqlite, Postgres)] backend: Backend, #[values("u:p%40ss@", "")] user: &str) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let option = if user.is_empty() { "?tls=required" } else { "" };
    let url = format!("smtp://{user}127.0.0.1:{}{option}", mailbox.port);
    let authority = mailbox.authority().display().to_string();
    let all = clock.with(&[("SMTP_URL", url.as_str()), ("SSL_CERT_FILE", &authority)]);
    let server = Server::start_with(backend, &all);

    // A server or an attacker in between that does not offer it receives nothing.
    server.sign_up("ada@example.com").await;
    server.log_with("failed to send mail").await;
    assert!(!mailbox.conversation().contains("MAIL FROM"));
    assert!(!mailbox.conversation().contains("AUTH"));
    assert!(mailbox.all().is_empty());

    // Once it is offered, the mail is sent.
    mailbox.behave(Behaviour { offers_tls: true, ..Behaviour::default() });
    clock.set(60);
    let mail = mailbox.newest("ada@example.com", 1).await;
    assert!(mail.was_encrypted);
    let before = mailbox.conversation();
    let (clear, encrypted) = before.split_once("STARTTLS").expect("STARTTLS was used");
    assert!(!clear.contains("MAIL FROM"));
    assert_eq!(encrypted.contains("AUTH PLAIN AHUAcEBzcw=="), !user.is_empty(), "{encrypted}");
    assert!(!server.log().contains("p@ss"));
    assert!(!server.log().contains("p%40ss"));
}

/// The certificate's authority is not trusted.
#[tokio::test]
async fn an_untrusted_certificate_is_refused() {
    let mailbox = Mailbox::behaving(Behaviour { offers_tls: true, ..Behaviour::default() });
    let url = format!("smtp://127.0.0.1:{}?tls=required", mailbox.port);
    let server = Server::start_with(Sqlite, &[("SMTP_URL", &url)]);
    server.sign_up("ada@example.com").await;
    server.log_with("failed to send mail").await;
    assert!(mailbox.all().is_empty());
    assert!(!mailbox.conversation().contains("MAIL FROM"));
}

/// This mail and later ones are in the language of the sign-up.
#[rstest]
#[tokio::test]
async fn mails_are_in_the_language_of_the_sign_up(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let body = json!({"email": "ada@example.com", "password": GOOD}).to_string();
    let headers = [("content-type", "application/json"), ("accept-language", "de-AT,de;q=0.9")];
    assert_eq!(server.send("POST", "/register", &headers, body).await.status, 201);
    let mail = mailbox.newest("ada@example.com", 1).await;
    assert!(mail.html().contains("lang=\"de\""), "{}", mail.subject());
    // Requests of other clients do not change it.
    assert_eq!(server.post_json("/forgot-password", &json!({"email": "ada@example.com"})).await.status, 202);
    assert!(mailbox.newest("ada@example.com", 2).await.html().contains("lang=\"de\""));
}

#[rstest]
#[tokio::test]
async fn without_a_mail_server_mail_endpoints_return_501(#[values(Sqlite, Postgres)] backend: Backend) {
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
