//! `SMTP_URL` with implicit TLS or STARTTLS: certificates are verified, and there is no plaintext fallback.

use std::io::Read as _;

use rstest::rstest;

use crate::support::{ADA, Backend, Behaviour, FakeClock, Mailbox, Server, eventually, port::Port};
use Backend::{Postgres, Sqlite};

const STARTTLS: Behaviour = Behaviour { offers_tls: true, ..PLAIN };
const TLS: Behaviour = Behaviour { speaks_tls: true, ..PLAIN };
const PLAIN: Behaviour = Behaviour {
    delay: std::time::Duration::ZERO,
    silent_at: "",
    offers_tls: false,
    speaks_tls: false,
    recipient_answer: "",
    hangs_up: false,
};

/// `AUTH PLAIN` for the user `u` with the password `p@ss`.
const CREDENTIALS: &str = "AHUAcEBzcw==";

/// A service that trusts the mail server's authority or does not, with a mail to send.
async fn sending(backend: Backend, url: &str, mailbox: &Mailbox, trusts: bool, clock: &FakeClock) -> Server {
    let authority = mailbox.authority().display().to_string();
    let mut settings = vec![("SMTP_URL", url)];
    settings.extend(trusts.then_some(("SSL_CERT_FILE", authority.as_str())));
    let server = Server::start_with(backend, &clock.with(&settings));
    server.sign_up(ADA).await;
    server
}

/// The mail server received no mail, no recipient and no password.
#[track_caller]
fn assert_received_nothing(mailbox: &Mailbox) {
    let conversation = mailbox.conversation();
    for words in ["MAIL FROM", "RCPT", "DATA", "AUTH", CREDENTIALS, ADA] {
        assert!(!conversation.contains(words), "{words}: {conversation}");
    }
    assert_eq!(mailbox.all().len(), 0);
}

/// With implicit TLS the client sends the first record, its hello: type 22, version 3.1 or 3.3 (RFC 8446, section 5.1).
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn smtps_begins_with_tls(#[values(Sqlite, Postgres)] backend: Backend) {
    let port = Port::reserve();
    let listener = port.listen();
    let url = format!("smtps://u:p%40ss@127.0.0.1:{}", port.number);
    let server = Server::start_with(backend, &[("SMTP_URL", &url)]);
    let first = tokio::task::spawn_blocking(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut first = [0; 3];
        stream.read_exact(&mut first).expect("three bytes");
        first
    });
    server.sign_up(ADA).await;
    let [kind, major, minor] = first.await.expect("the first bytes");
    assert_eq!((kind, major), (22, 3), "a handshake");
    assert!(matches!(minor, 1 | 3), "{minor}");
}

/// A plaintext server, or an attacker who downgrades one, receives nothing, with or without an offer of STARTTLS.
#[rstest]
#[tokio::test]
async fn smtps_never_falls_back_to_plaintext(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(PLAIN, STARTTLS)] behaviour: Behaviour,
    #[values("u:p%40ss@", "")] user: &str,
) {
    let mailbox = Mailbox::behaving(behaviour);
    let clock = FakeClock::new();
    let url = format!("smtps://{user}127.0.0.1:{}", mailbox.port);
    let server = sending(backend, &url, &mailbox, true, &clock).await;
    server.log_with("failed to send mail").await;
    assert_received_nothing(&mailbox);
    assert!(!mailbox.conversation().contains("EHLO"), "{}", mailbox.conversation());

    // Once it speaks TLS, the mail is sent, and the credentials are encrypted.
    mailbox.behave(TLS);
    clock.set(60);
    let mail = mailbox.newest(ADA, 1).await;
    assert!(mail.was_encrypted);
    let conversation = mailbox.conversation();
    assert!(!conversation.contains("STARTTLS"), "{conversation}");
    assert_eq!(conversation.contains(&format!("AUTH PLAIN {CREDENTIALS}")), !user.is_empty(), "{conversation}");
    assert!(!server.log().contains("p@ss") && !server.log().contains("p%40ss"));
}

/// A server with a certificate of an untrusted authority or of another host receives nothing.
#[rstest]
#[tokio::test]
async fn a_mail_server_with_an_invalid_certificate_is_refused(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(
        ("smtps://", "", TLS),
        ("smtps://u:p%40ss@", "", TLS),
        ("smtp://u:p%40ss@", "", STARTTLS),
        ("smtp://", "?tls=required", STARTTLS)
    )]
    mode: (&str, &str, Behaviour),
    #[values(("127.0.0.1", false), ("mail.example.com", true))] certificate: (&str, bool),
) {
    let (name, is_trusted) = certificate;
    let (scheme, option, behaviour) = mode;
    let mailbox = Mailbox::certified_for(&[name], behaviour);
    let clock = FakeClock::new();
    let url = format!("{scheme}127.0.0.1:{}{option}", mailbox.port);
    let server = sending(backend, &url, &mailbox, is_trusted, &clock).await;
    let error = eventually("the mail server is refused", async || {
        server.database.texts("SELECT last_error AS t FROM outbox WHERE last_error IS NOT NULL").pop()
    });
    let reason = if is_trusted { "not valid for name" } else { "UnknownIssuer" };
    let error = error.await;
    assert!(error.contains(reason), "{error}");
    assert_received_nothing(&mailbox);
}

/// Loopback without credentials is the only case without TLS.
#[rstest]
#[tokio::test]
async fn smtp_over_loopback_may_be_plaintext(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::behaving(STARTTLS);
    let server = Server::mailing(backend, &mailbox, &[]);
    server.sign_up(ADA).await;
    assert!(!mailbox.newest(ADA, 1).await.was_encrypted);
    assert!(!mailbox.conversation().contains("AUTH"), "{}", mailbox.conversation());
}
