//! `/_gallery`: for designers, and absent in production.

use rstest::rstest;

use crate::support::{
    Backend, Server,
    server::{BROWSER, command},
};
use Backend::{Postgres, Sqlite};

const PRODUCTION: &[(&str, &str)] = &[("ENVIRONMENT", "production"), ("BCRYPT_COST", "10")];

/// The content security policy of a single state.
fn policy(images: &str) -> String {
    format!(
        "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; font-src 'self'; \
         img-src {images}; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    )
}

#[rstest]
#[tokio::test]
async fn the_gallery_is_absent_in_production(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, PRODUCTION);
    let nothing = server.get("/nothing").await;
    for path in [
        "/_gallery",
        "/_gallery/",
        "/_gallery/gallery.css",
        "/_gallery/live.js",
        "/_gallery/events",
        "/_gallery/register/empty",
        "/_gallery/register/empty/page",
    ] {
        for accept in [BROWSER, "text/event-stream", "*/*"] {
            let answer = server.send("GET", path, &[("accept", accept)], "").await;
            assert_eq!((answer.status, answer.text()), (404, nothing.text()), "{path}");
        }
        assert_eq!(server.send("POST", path, &[], "").await.status, 404, "{path}");
    }
    for path in ["/register", "/docs", "/openapi.json"] {
        assert!(!server.get(path).await.text().contains("gallery"), "{path}");
    }
}

#[rstest]
#[tokio::test]
async fn every_state_has_a_stable_url(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let sheet = server.get("/_gallery?lang=ar&theme=dark").await;
    let page = sheet.page(200);
    let frames = page.texts(".sheet li > a").len();
    assert!(frames > 55, "{frames} states");
    for (view, state) in
        [("register", "email_taken"), ("error", "busy"), ("mail_verify_email", "plain"), ("welcome", "long")]
    {
        assert!(page.has(&format!("iframe[src='/_gallery/{view}/{state}/page?lang=ar&theme=dark']")), "{view} {state}");
        let shown = server.get(&format!("/_gallery/{view}/{state}/page?lang=ar&theme=dark")).await;
        let alone = shown.page(200);
        assert_eq!(alone.attribute("html", "dir").as_deref(), Some("rtl"));
        let html = shown.text();
        assert!(!html.contains("prefers-color-scheme: dark"), "the theme is fixed");
        assert_eq!(shown.header("x-frame-options"), "SAMEORIGIN");
        assert_eq!(shown.header("content-security-policy"), policy("'self' data:"));
        let viewer = server.get(&format!("/_gallery/{view}/{state}?lang=de&width=320")).await.page(200);
        assert!(viewer.has("iframe.w320"));
        assert!(viewer.text(".where").contains("templates/"));
    }
    let rtl = server.get("/_gallery/register/empty/page?lang=de&dir=rtl").await.page(200);
    assert_eq!(rtl.attribute("html", "dir").as_deref(), Some("rtl"));
    for path in ["/_gallery/register/nothing", "/_gallery/nothing/empty/page", "/_gallery/events"] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
}

#[rstest]
#[tokio::test]
async fn a_mail_is_shown_with_text_source_and_headers(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let tab = async |tab: &str| {
        server.get(&format!("/_gallery/mail_verify_email/furnished?tab={tab}")).await.page(200).text("pre")
    };
    assert!(tab("text").await.contains("042137"));
    assert!(!tab("text").await.contains('<'));
    assert!(tab("source").await.contains("style=\"margin: 0;"), "styles are inline");
    let raw = tab("headers").await;
    for header in [
        "From: Vestibule",
        "To: \"Ada Lovelace\"",
        "Subject: 042137",
        "Auto-Submitted: auto-generated",
        "multipart/alternative",
        "MIME-Version: 1.0",
    ] {
        assert!(raw.contains(header), "{header}: {raw}");
    }
    let without_images = server.get("/_gallery/mail_verify_email/plain/page?images=off").await;
    assert_eq!(without_images.header("content-security-policy"), policy("'none'"));
}

#[test]
fn the_gallery_command_writes_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("gallery");
    let output = command("", &[]).args(["gallery", "--out"]).arg(&out).output().expect("vestibule");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(stdout.contains("pages and mails written to"), "{stdout}");
    assert!(stdout.ends_with("open index.html\n"), "{stdout}");
    for name in [
        "index.html",
        "states.json",
        "en/register.empty.html",
        "ar/dark/register.email_taken.html",
        "en-XA/light/error.busy.html",
        "ja/mail_reset_password.plain.txt",
        "de/mail_reset_password.plain.eml",
        "en/docs.all.html",
    ] {
        assert!(out.join(name).is_file(), "{name}");
    }
    assert!(!out.join("de/docs.all.html").exists(), "developer pages are in English only");
    let page = std::fs::read_to_string(out.join("de/dark/register.empty.html")).expect("a page");
    assert!(page.contains("src=\"../../static/form."), "links work without a server");

    let nowhere = command("", &[]).args(["gallery", "--out", "/dev/null/x"]).output().expect("vestibule");
    assert_eq!(nowhere.status.code(), Some(1));
    let missing = command("", &[]).args(["gallery"]).output().expect("vestibule");
    assert_eq!(
        (missing.status.code(), String::from_utf8_lossy(&missing.stderr).as_ref()),
        (Some(2), "vestibule: --out: it needs a value; see `vestibule --help`\n")
    );
}
