//! Mails in the gallery have the same links as sent mails.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::json;
use url::Url;
use vestibule::gallery;

use crate::support::{Backend, Browser, GOOD, Mailbox, Server};

use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const NEW: &str = "new@example.com";

/// Each link in a mail: its path and the names of its parameters.
fn links(text: &str) -> Vec<(String, Vec<String>)> {
    let urls = text.lines().map(str::trim).filter(|line| line.starts_with("http"));
    let urls = urls.map(|line| Url::parse(line).expect("a link"));
    urls.map(|url| (url.path().to_owned(), url.query_pairs().map(|(name, _)| name.into_owned()).collect())).collect()
}

#[rstest]
#[tokio::test]
async fn gallery_mails_have_the_links_of_sent_mails(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let mut real = BTreeMap::new();
    let mut record = |view: &'static str, text: String| real.insert(view, links(&text));

    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    record("mail_verify_email", mailbox.newest(ADA, 1).await.text());
    assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
    record("mail_reset_password", mailbox.newest(ADA, 2).await.text());
    let password = [("current_password", GOOD), ("password", "another-horse-battery")];
    assert_eq!(ada.post("/account/password", &password).await.status, 303);
    record("mail_password_changed", mailbox.newest(ADA, 3).await.text());
    let current = "another-horse-battery";
    // Another account requests this address, and its owner gets a mail.
    let eve = Browser::new(&server);
    eve.sign_up("eve@example.com", GOOD).await;
    let wanted = [("current_password", GOOD), ("email", ADA)];
    assert_eq!(eve.post("/account/email", &wanted).await.status, 303);
    record("mail_account_exists", mailbox.newest(ADA, 4).await.text());
    let email = [("current_password", current), ("email", NEW)];
    assert_eq!(ada.post("/account/email", &email).await.status, 303);
    let confirm = mailbox.newest(NEW, 1).await;
    record("mail_confirm_new_email", confirm.text());
    assert_eq!(ada.post("/verify-email", &[("token", &confirm.token())]).await.status, 200);
    record("mail_email_changed", mailbox.newest(ADA, 5).await.text());
    let delete = [("current_password", current), ("confirm", "on")];
    assert_eq!(ada.post("/account/delete", &delete).await.status, 303);
    record("mail_account_deleted", mailbox.newest(NEW, 2).await.text());

    let mails: Vec<_> = gallery::states().iter().filter(|state| state.is_mail).collect();
    for state in &mails {
        let shown = server.get(&format!("/_gallery/{}/{}?lang=en&tab=text", state.view, state.name)).await;
        let text = shown.page(200).raw_text("pre");
        let expected = real.get(state.view).unwrap_or_else(|| panic!("no real mail for {}", state.view));
        assert!(text.contains('\n'), "{text:?}");
        assert_eq!(&links(&text), expected, "{} {}", state.view, state.name);
    }
    let shown: Vec<&str> = mails.iter().map(|state| state.view).collect();
    assert!(real.keys().all(|view| shown.contains(view)), "a mail that the gallery does not show");
    assert!(real.values().filter(|links| !links.is_empty()).count() >= 5, "{real:?}");
}
