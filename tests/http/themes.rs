//! Theming without a build: brand settings, `CUSTOM_DIR`, SIGHUP, `check-templates`.

use std::{fs, path::Path};

use rstest::rstest;

use crate::support::{
    Backend, GOOD, Server,
    server::{Settings, command},
};
use Backend::{Postgres, Sqlite};

const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><path d=\"M0 0h8v8z\"/></svg>";

#[rstest]
#[tokio::test]
async fn a_brand_needs_only_settings(#[values(Sqlite, Postgres)] backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    let logo = folder.path().join("logo.svg");
    fs::write(&logo, LOGO).expect("a logo");
    let server = Server::start_with(
        backend,
        &[
            ("BRAND_NAME", "Bücher & Söhne"),
            ("BRAND_LOGO", logo.to_str().expect("UTF-8")),
            ("ACCENT_COLOR", "#ff0066"),
            ("SUPPORT_EMAIL", "Help@Example.com"),
            ("SIGN_IN_URL", "/anmelden"),
            ("TERMS_URL", "https://example.com/terms"),
            ("PRIVACY_URL", "https://example.com/privacy"),
        ],
    );
    let answer = server.get("/register").await;
    let page = answer.page(200);
    assert_eq!(page.text("title"), "Create an account – Bücher & Söhne");
    assert_eq!(page.text(".brand"), "Bücher & Söhne");
    assert!(page.attribute(".brand img", "src").is_some_and(|src| src.starts_with("data:image/svg+xml;base64,")));
    assert_eq!(page.attribute(".brand img", "alt").as_deref(), Some(""), "decorative: the brand name follows");
    assert_eq!(page.attribute(".aside a", "href").as_deref(), Some("/anmelden"));
    assert_eq!(page.texts("footer nav:first-child a"), ["Terms of service", "Privacy", "Contact support"]);
    assert!(page.has("footer a[href='mailto:help@example.com']"));
    // The contrast on white is too low, so a darker shade is used.
    assert!(answer.text().contains("@layer brand"));
    assert!(!answer.text().contains("--accent:#ff0066;"));
    let not_found = server.get("/nothing").await.page(404);
    assert_eq!(not_found.text("title"), "Page not found – Bücher & Söhne");
}

#[rstest]
#[tokio::test]
async fn a_large_logo_is_served_as_a_file(#[values(Sqlite, Postgres)] backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    let logo = folder.path().join("logo.svg");
    fs::write(&logo, LOGO.replace("M0", &format!("M{}", "0 ".repeat(4000)))).expect("a logo");
    let server = Server::start_with(backend, &[("BRAND_LOGO", logo.to_str().expect("UTF-8"))]);
    let src = server.get("/register").await.page(200).attribute(".brand img", "src").expect("an address");
    let file = server.send("GET", &src, &[], "").await;
    assert_eq!((file.status, file.header("content-type")), (200, "image/svg+xml"));
    assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
}

#[rstest]
#[tokio::test]
async fn the_form_requires_consent_where_configured(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("TERMS_CONSENT", "on"), ("TERMS_URL", "https://example.com/terms")]);
    let page = server.get("/register").await.page(200);
    assert!(page.has("input[name=terms][type=checkbox][required]:not([checked])"), "not checked by default");
    assert!(page.has(".consent a[href='https://example.com/terms']"));

    let form = [("email", "ada@example.com"), ("password", GOOD)];
    let refused = server.post_form(&form).await.page(400);
    assert_eq!(refused.texts(".summary a"), ["Accept the terms of service to create an account."]);
    assert_eq!(refused.attribute("#register-terms", "aria-describedby").as_deref(), Some("register-terms-error"));
    let faulty = server.post_form(&[("email", "ada"), ("password", GOOD), ("terms", "on")]).await;
    assert!(faulty.page(400).has("input[name=terms][checked]"), "a checked box stays checked");
    let answer = server.post_form(&[form[0], form[1], ("terms", "on")]).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/welcome"));
    // API clients obtain consent themselves.
    let program = serde_json::json!({"email": "bob@example.com", "password": GOOD});
    assert_eq!(server.post_json("/register", &program).await.status, 201);
}

fn custom(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
}

#[rstest]
#[tokio::test]
async fn sighup_reloads_overridden_styles_images_and_texts(#[values(Sqlite, Postgres)] backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    custom(
        folder.path(),
        &[
            ("custom.css", ".card { background: url(images/paper.svg); border-radius: 0 }"),
            ("images/paper.svg", LOGO),
            ("locales/en.ftl", "register-title = Join the library\nemail_missing = We need an address to write to.\n"),
            ("locales/de.ftl", "register-title = Bibliotheksausweis anlegen\n"),
        ],
    );
    let server = Server::start_with(backend, &[("CUSTOM_DIR", folder.path().to_str().expect("UTF-8"))]);
    let answer = server.get("/register").await;
    let page = answer.page(200);
    assert_eq!(page.text("h1"), "Join the library");
    let styles = answer.text().split_once("@layer custom {").expect("a layer").1;
    let url = styles.split_once("url(").and_then(|(_, rest)| rest.split_once(')')).expect("an address").0.to_owned();
    let url = url.as_str();
    assert_eq!(server.send("GET", url, &[], "").await.text(), LOGO);
    assert_eq!(server.get("/register?lang=de").await.page(200).text("h1"), "Bibliotheksausweis anlegen");
    assert_eq!(server.get("/register?lang=fr").await.page(200).text("h1"), "Créer un compte", "other languages stay");
    let missing = server.post_json("/register", &serde_json::json!({"password": GOOD})).await;
    assert_eq!(missing.json()["detail"], "We need an address to write to.", "JSON has the overridden text too");

    custom(
        folder.path(),
        &[("custom.css", ".card { border-radius: 3px }"), ("locales/en.ftl", "register-title = Welcome in\n")],
    );
    server.signal("HUP");
    server.log_with("CUSTOM_DIR reloaded").await;
    let answer = server.get("/register").await;
    assert_eq!(answer.page(200).text("h1"), "Welcome in");
    assert!(answer.text().contains("border-radius: 3px"));
    assert!(!answer.text().contains("paper"));
    answer.assert_policy_fits();

    // Images of pages sent before the reload are still served.
    assert_eq!(server.send("GET", url, &[], "").await.text(), LOGO);

    // An error is logged and the previous theme stays in use.
    custom(folder.path(), &[("custom.css", ".card { border-radius: 9px")]);
    server.signal("HUP");
    let log = server.log_with("previous theme stays in use").await;
    assert!(log.contains("custom.css:1: a bracket or comment is not closed before the end"), "{log}");
    assert!(server.get("/register").await.text().contains("border-radius: 3px"));
}

#[rstest]
#[tokio::test]
async fn overriding_a_text_leaves_related_texts_unchanged(#[values(Sqlite, Postgres)] backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start_with(backend, &[("CUSTOM_DIR", folder.path().to_str().expect("UTF-8"))]);
    custom(
        folder.path(),
        &[
            ("locales/en.ftl", "password-show = Reveal\nerror-not_found = Gone fishing\n"),
            ("locales/de.ftl", "password-show = Sehen\n"),
        ],
    );
    server.signal("HUP");
    server.log_with("CUSTOM_DIR reloaded").await;
    let button = async |path: &str| {
        let page = server.get(path).await.page(200);
        (page.text("[data-shows]"), page.attribute("[data-shows]", "aria-label").expect("a label"))
    };
    assert_eq!(button("/register").await, ("Reveal".into(), "Show password".into()));
    assert_eq!(button("/register?lang=de").await, ("Sehen".into(), "Passwort anzeigen".into()));
    assert_eq!(server.get("/nothing").await.page(404).text("h1"), "Gone fishing");
    let not_found = server.send("GET", "/nothing", &[("accept", "application/json")], "").await;
    not_found.assert_json(
        404,
        &serde_json::json!({"detail": "Nothing is at this address. Check that it is typed or copied in full."}),
    );
}

#[rstest]
#[tokio::test]
async fn a_style_sheet_with_bom_and_crlf_is_applied(#[values(Sqlite, Postgres)] backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    custom(folder.path(), &[("custom.css", "\u{feff}.card { color: red }\r\n.hint { color: blue }\r")]);
    let server = Server::start_with(backend, &[("CUSTOM_DIR", folder.path().to_str().expect("UTF-8"))]);
    let answer = server.get("/register").await;
    assert!(answer.text().contains(".card { color: red }\n.hint { color: blue }\n"));
    answer.assert_policy_fits();
}

#[rstest]
#[tokio::test]
async fn sighup_reloads_the_logo_and_ignores_backup_files(#[values(Sqlite, Postgres)] backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    let logo = folder.path().join("images/logo.svg");
    custom(
        folder.path(),
        &[
            ("images/logo.svg", LOGO),
            ("images/.DS_Store", "x"),
            ("custom.css~", "x"),
            ("locales/.#en.ftl", "x"),
            ("locales/en.ftl~", "{"),
        ],
    );
    let settings =
        [("CUSTOM_DIR", folder.path().to_str().expect("UTF-8")), ("BRAND_LOGO", logo.to_str().expect("UTF-8"))];
    let server = Server::start_with(backend, &settings);
    let src = async || server.get("/register").await.page(200).attribute(".brand img", "src").expect("an address");
    let before = src().await;
    fs::write(&logo, LOGO.replace("h8", "h4")).expect("a logo");
    server.signal("HUP");
    server.log_with("CUSTOM_DIR reloaded").await;
    assert_ne!(src().await, before);
}

fn check(settings: Settings) -> (Option<i32>, String, String) {
    let output = command("", settings).arg("check-templates").output().expect("vestibule");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn check_templates_reports_every_error_with_file_line_and_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8");
    custom(
        folder.path(),
        &[
            ("custom.css", "a { color: red }\nb { background: url(https://example.com/x.png) }\n}"),
            ("custum.css", ""),
            ("locales/en.ftl", "register-titel = x\npassword_too_short = { $minimum } characters\n"),
        ],
    );
    let (code, stdout, stderr) = check(&[("CUSTOM_DIR", path)]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines.len(), 5, "{stderr}");
    for line in [
        "custum.css:1: unknown name: only custom.css, images/ and locales/ are read",
        "custom.css:2: browsers load only this site's own files: put it beside the others",
        "custom.css:3: unmatched closing bracket",
        "en.ftl:1: there is no text “register-titel”; did you mean “register-title”?",
        "en.ftl:2: “password_too_short” cannot fill in { $minimum }; it offers { $min }",
    ] {
        assert!(stderr.contains(line), "{line}\n{stderr}");
    }
    let serve = command("", &[("CUSTOM_DIR", path)]).output().expect("vestibule");
    assert_eq!(serve.status.code(), Some(2), "an invalid theme prevents the start");

    let folder = tempfile::tempdir().expect("a folder");
    custom(folder.path(), &[("locales/de.ftl", "register-title = { $x\n")]);
    let (code, _, stderr) = check(&[("CUSTOM_DIR", folder.path().to_str().expect("UTF-8"))]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("de.ftl:1: this is not Fluent"), "{stderr}");

    let folder = tempfile::tempdir().expect("a folder");
    custom(folder.path(), &[("custom.css", "a { color: red }"), ("locales/ja.ftl", "register-title = はじめる\n")]);
    let (code, stdout, stderr) = check(&[("CUSTOM_DIR", folder.path().to_str().expect("UTF-8"))]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.ends_with("pages and mails rendered in every language\n"), "{stdout}");
}

/// Texts that would recurse, fail or grow without bound are refused before they are served.
#[test]
fn texts_that_could_fail_are_refused() {
    let deep = format!("register-title = {}\"x\"{}\n", "{ ".repeat(5000), " }".repeat(5000));
    let long = format!("register-title = {}\n", "long ".repeat(2000));
    for (text, message) in [
        ("register-title = { register-title }\n", "uses more of Fluent"),
        ("register-title = { NUMBER(1) }{ -nothing }\n", "uses more of Fluent"),
        (deep.as_str(), "more than 20 deep"),
        (long.as_str(), "over 4000 bytes"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        custom(folder.path(), &[("locales/en.ftl", text)]);
        let (code, _, stderr) = check(&[("CUSTOM_DIR", folder.path().to_str().expect("UTF-8"))]);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains("en.ftl:1:"), "{stderr}");
        assert!(stderr.contains(message), "{stderr}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let large = fs::File::create(folder.path().join("custom.css")).expect("a file");
    large.set_len(1024 * 1024 * 1024).expect("a sparse file");
    fs::create_dir(folder.path().join("images")).expect("a folder");
    let image = fs::File::create(folder.path().join("images/x.png")).expect("a file");
    image.set_len(1024 * 1024 * 1024).expect("a sparse file");
    let (_, _, stderr) = check(&[("CUSTOM_DIR", folder.path().to_str().expect("UTF-8"))]);
    assert!(stderr.contains("over 256 KiB"), "{stderr}");
    assert!(stderr.contains("over 1 MiB"), "{stderr}");
}

#[rstest]
#[case(&[("BRAND_NAME", " ")], "BRAND_NAME: use 1 to 60 characters on one line")]
#[case(&[("BRAND_NAME", "a\nb")], "BRAND_NAME: use 1 to 60 characters on one line")]
#[case(&[("BRAND_LOGO", "/nowhere/logo.svg")], "BRAND_LOGO: not a file; name an image such as /etc/vestibule/logo.svg")]
#[case(&[("ACCENT_COLOR", "red")], "ACCENT_COLOR: use a colour such as 1f5f5b, or '#1f5f5b' in quotes: # begins a comment")]
#[case(&[("SUPPORT_EMAIL", "help")], "SUPPORT_EMAIL: use an address such as help@example.com")]
#[case(&[("TERMS_URL", "javascript:alert(1)")], "TERMS_URL: use an address such as https://example.com/terms, or a path such as /terms")]
#[case(&[("TERMS_URL", "//evil.example")], "TERMS_URL: use an address such as https://example.com/terms, or a path such as /terms")]
#[case(&[("TERMS_CONSENT", "on")], "TERMS_CONSENT: there is nothing to accept; set TERMS_URL too")]
#[case(&[("LANGUAGES", "en,tlh")], "LANGUAGES: use one of en, de, fr, es, pt-BR, ja, ar")]
#[case(&[("LANGUAGES", "en-XA")], "LANGUAGES: use one of en, de, fr, es, pt-BR, ja, ar")]
#[case(&[("CUSTOM_DIR", "/nowhere")], "/nowhere:1: CUSTOM_DIR is not a folder: create it or correct the setting")]
fn an_invalid_theme_setting_is_a_one_line_error(#[case] settings: Settings, #[case] line: &str) {
    let (code, _, stderr) = check(settings);
    assert_eq!((code, stderr), (Some(2), format!("vestibule: {line}\n")));
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_files_of_other_types_and_path_traversal_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    custom(folder.path(), &[("images/page.html", "<script>alert(1)</script>")]);
    let (code, _, stderr) = check(&[("CUSTOM_DIR", folder.path().to_str().expect("UTF-8"))]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("page.html: only svg, png, jpg, jpeg, webp, avif, ico, woff2 are served"), "{stderr}");
    for name in ["app.css", "form.js", "mail.css"] {
        let folder = tempfile::tempdir().expect("a folder");
        custom(folder.path(), &[(&format!("images/{name}"), "x")]);
        let (code, _, _) = check(&[("CUSTOM_DIR", folder.path().to_str().expect("UTF-8"))]);
        assert_eq!(code, Some(2), "{name}");
    }
    let server = Server::start(Sqlite);
    for path in ["/static/../Cargo.toml", "/static/%2e%2e%2fCargo.toml", "/static/app.css", "/static/"] {
        let answer = server.raw_get(path);
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
}
