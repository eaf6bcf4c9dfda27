//! Cookies that are bent, cut, renamed or of another purpose count as none.

use rstest::rstest;

use crate::support::{Answer, Backend, Browser, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";

/// The value with another letter at each place in turn, and without its end.
fn bent(value: &str) -> Vec<String> {
    let replaced = (0..value.len()).filter(|place| value.is_char_boundary(*place)).map(|place| {
        let other = if &value[place..=place] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &value[..place], &value[place + 1..])
    });
    let cut = (0..value.len()).step_by(7).map(|end| value[..end].to_owned());
    replaced.chain(cut).chain([format!("{value}A"), format!("A{value}"), "A".repeat(value.len())]).collect()
}

/// Whether the request shows what the cookie carries.
async fn shows(server: &Server, path: &str, cookie: &str) -> Answer {
    server.send("GET", path, &[("cookie", cookie), ("accept", "text/html")], "").await
}

/// Signed: the result of a sign-up.
#[rstest]
#[tokio::test]
async fn a_signed_cookie_counts_whole(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let flash = ada.cookie("vestibule_flash").expect("a result");
    assert_eq!(shows(&server, "/welcome", &format!("vestibule_flash={flash}")).await.status, 200);
    for bent in bent(&flash) {
        let answer = shows(&server, "/welcome", &format!("vestibule_flash={bent}")).await;
        assert_eq!(answer.status, 303, "{bent}");
    }
}

/// Encrypted: the sign-up that waits for its proof; and neither kind passes for another.
#[rstest]
#[tokio::test]
async fn an_encrypted_cookie_counts_whole_and_under_its_name(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let [pending, flash] = ["vestibule_pending", "vestibule_flash"].map(|name| ada.cookie(name).expect("a cookie"));
    assert!(!pending.contains("ada"), "{pending}");
    let is_known =
        async |cookie: String| shows(&server, "/verify-email", &cookie).await.page(200).has("input[name=code]");
    assert!(is_known(format!("vestibule_pending={pending}")).await);
    for bent in bent(&pending) {
        assert!(!is_known(format!("vestibule_pending={bent}")).await, "{bent}");
    }
    assert!(!is_known(format!("vestibule_pending={flash}")).await, "a signed one");
    // That of a link has the same key; its name is a part of what is encrypted.
    server.post_json("/forgot-password", &serde_json::json!({"email": ADA})).await;
    let link = mailbox.newest(ADA, 2).await.token();
    ada.get(&format!("/reset-password?token={link}")).await;
    let reset = ada.cookie("vestibule_reset").expect("a link");
    assert!(!is_known(format!("vestibule_pending={reset}")).await, "that of a link");
    let form = async |cookie: String| shows(&server, "/reset-password", &cookie).await.text().contains("\"token\"");
    assert!(form(format!("vestibule_reset={reset}")).await);
    assert!(!form(format!("vestibule_reset={pending}")).await, "that of a sign-up");
}
