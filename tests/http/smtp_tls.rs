//! `SMTP_URL` with TLS: from the first byte on, or by STARTTLS, to a server whose certificate is its own, or not at all.

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

/// One server that trusts what the mail server shows, or does not; and a mail that it has to send.
async fn sending(backend: Backend, url: &str, mailbox: &Mailbox, trusts: bool, clock: &FakeClock) -> Server {
    let authority = mailbox.authority().display().to_string();
    let mut settings = vec![("SMTP_URL", url)];
    settings.extend(trusts.then_some(("SSL_CERT_FILE", authority.as_str())));
    let server = Server::start_with(backend, &clock.with(&settings));
    server.sign_up(ADA).await;
    server
}

/// That nobody learnt anything: no mail, no recipient, no password.
#[track_caller]
fn assert_told_nothing(mailbox: &Mailbox) {
    let said = mailbox.conversation();
    for words in ["MAIL FROM", "RCPT", "DATA", "AUTH", CREDENTIALS, ADA] {
        assert!(!said.contains(words), "{words}: {said}");
    }
    assert_eq!(mailbox.all().len(), 0);
}

/// A server that expects TLS says nothing before it has seen the client's hello: type 22, version 3.1 or 3.3 (RFC 8446,
/// section 5.1).
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

/// A server that speaks in the clear, or somebody in between who has it do so, learns nothing; whether it offers STARTTLS is
/// all the same.
#[rstest]
#[tokio::test]
async fn smtps_is_never_spoken_in_the_clear(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(PLAIN, STARTTLS)] behaviour: Behaviour,
    #[values("u:p%40ss@", "")] user: &str,
) {
    let mailbox = Mailbox::behaving(behaviour);
    let clock = FakeClock::new();
    let url = format!("smtps://{user}127.0.0.1:{}", mailbox.port);
    let server = sending(backend, &url, &mailbox, true, &clock).await;
    server.log_with("failed to send mail").await;
    assert_told_nothing(&mailbox);
    assert!(!mailbox.conversation().contains("EHLO"), "{}", mailbox.conversation());

    // Once it speaks TLS, the mail comes, and what names the user is inside.
    mailbox.behave(TLS);
    clock.set(60);
    let mail = mailbox.newest(ADA, 1).await;
    assert!(mail.was_encrypted);
    let said = mailbox.conversation();
    assert!(!said.contains("STARTTLS"), "{said}");
    assert_eq!(said.contains(&format!("AUTH PLAIN {CREDENTIALS}")), !user.is_empty(), "{said}");
    assert!(!server.log().contains("p@ss") && !server.log().contains("p%40ss"));
}

/// Whoever has a certificate of an authority that is not trusted, or one of another host, is told nothing.
#[rstest]
#[tokio::test]
async fn a_mail_server_has_to_show_its_own_certificate(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(
        ("smtps://", "", TLS),
        ("smtps://u:p%40ss@", "", TLS),
        ("smtp://u:p%40ss@", "", STARTTLS),
        ("smtp://", "?tls=required", STARTTLS)
    )]
    way: (&str, &str, Behaviour),
    #[values(("127.0.0.1", false), ("mail.example.com", true))] certificate: (&str, bool),
) {
    let (name, is_trusted) = certificate;
    let (scheme, option, behaviour) = way;
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
    assert_told_nothing(&mailbox);
}

/// Without a user, on this machine, nobody else hears what is said: the one case without TLS.
#[rstest]
#[tokio::test]
async fn smtp_on_this_machine_may_be_spoken_in_the_clear(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::behaving(STARTTLS);
    let server = Server::mailing(backend, &mailbox, &[]);
    server.sign_up(ADA).await;
    assert!(!mailbox.newest(ADA, 1).await.was_encrypted);
    assert!(!mailbox.conversation().contains("AUTH"), "{}", mailbox.conversation());
}
