//! The sign-up page in a browser without JavaScript.

use rstest::rstest;

use crate::support::{
    Backend, GOOD, Server,
    server::{BROWSER, form},
    verifies,
};
use Backend::{Postgres, Sqlite};

#[rstest]
#[tokio::test]
async fn the_result_of_a_form_sign_up_is_shown_once(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let front = server.get("/").await;
    assert_eq!((front.status, front.header("location")), (303, "/register"));

    let posted = server.post_form(&[("full_name", ""), ("email", "Ada@Example.com"), ("password", GOOD)]).await;
    assert_eq!((posted.status, posted.header("location"), posted.text()), (303, "/welcome", ""));
    assert_eq!(posted.header("cache-control"), "no-store");
    let cookie = posted.cookie("vestibule_flash");
    cookie.assert_attributes(&["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=300"]);
    let cookie = cookie.pair();

    // HEAD does not remove the cookie.
    let head = server.send("HEAD", "/welcome", &[("cookie", &cookie)], "").await;
    assert_eq!((head.status, head.header("set-cookie")), (200, ""));

    let welcome = server.send("GET", "/welcome", &[("cookie", &cookie), ("accept", BROWSER)], "").await;
    assert_eq!(welcome.page(200).text("main .value"), "ada@example.com");
    assert_eq!(welcome.header("cache-control"), "no-store");
    let removed = welcome.cookie("vestibule_flash");
    assert_eq!(removed.value, "");
    removed.assert_attributes(&["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=0"]);

    for cookie in
        ["", "vestibule_flash=", "vestibule_flash=forged", &format!("{cookie}A"), &cookie.replacen('=', "=A", 1)]
    {
        let again = server.send("GET", "/welcome", &[("cookie", cookie), ("accept", BROWSER)], "").await;
        assert_eq!((again.status, again.header("location")), (303, "/register"), "{cookie}");
    }
    assert_eq!(
        server.database.count("SELECT count(*) FROM users WHERE email = 'ada@example.com' AND full_name IS NULL"),
        1
    );
}

#[rstest]
#[tokio::test]
async fn the_form_supports_password_managers_and_screen_readers(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let answer = server.get("/register").await;
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(answer.header("set-cookie"), "", "the page sets no cookie");
    let page = answer.page(200);
    assert_eq!(page.text("title"), "Create an account – Vestibule");
    assert_eq!(page.text("h1"), "Create an account");
    assert_eq!(page.text("form button[type=submit]"), "Create account");
    assert_eq!(page.texts("form label"), ["Full name (optional)", "Email address", "Create a password"]);
    assert!(!page.has(".summary"));
    assert!(!page.has(".error"));
    assert!(!page.has("[aria-invalid]"));
    assert!(!page.has("[placeholder]"));
    assert!(!page.has("[maxlength]"));
    assert!(!page.has("[pattern]"));
    assert!(!page.has("script:not([src])"));
    assert!(!page.has("[style]"));
    assert!(!page.has("[onclick]"));
    for (name, attributes) in [
        ("full_name", vec![("type", "text"), ("autocomplete", "name")]),
        (
            "email",
            vec![
                ("type", "email"),
                ("autocomplete", "email"),
                ("spellcheck", "false"),
                ("autocapitalize", "none"),
                ("required", ""),
            ],
        ),
        (
            "password",
            vec![
                ("type", "password"),
                ("autocomplete", "new-password"),
                ("spellcheck", "false"),
                ("autocapitalize", "none"),
                ("required", ""),
            ],
        ),
    ] {
        let input = format!("form input[name={name}]");
        for (attribute, value) in attributes {
            assert_eq!(page.attribute(&input, attribute).as_deref(), Some(value), "{name} {attribute}");
        }
        let id = page.attribute(&input, "id").expect("an id");
        assert!(page.has(&format!("label[for={id}]")));
    }
    assert_eq!(page.attribute("form", "method").as_deref(), Some("post"));
    assert_eq!(page.attribute("form", "action").as_deref(), Some("/register"));
    assert!(page.attribute("form", "novalidate").is_some());
    let hint = page.attribute("input[name=password]", "aria-describedby").expect("a hint");
    assert!(page.text(&format!("#{hint}")).starts_with("12 characters or more."));
    assert!(page.attribute("form button[type=button]", "hidden").is_some(), "only the script shows it");
}

#[rstest]
#[tokio::test]
async fn every_error_is_shown_in_the_summary_and_at_its_field(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let typed = [("full_name", "X"), ("email", "ada.example.com"), ("password", "hunter2-canary")];
    let answer = server.post_form(&typed[..2].iter().copied().chain([("password", "short")]).collect::<Vec<_>>()).await;
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    let page = answer.page(400);
    assert_eq!(page.text("title"), "Error: Create an account – Vestibule");
    assert_eq!(page.text(".summary h2"), "There is a problem");
    let messages = [
        "Full name must be 2 characters or more.",
        "Enter an email address in the correct format, like name@example.com.",
        "Password must be 12 characters or more.",
    ];
    assert_eq!(page.texts(".summary li a"), messages);
    assert!(page.has("main > .summary:first-child"), "before the heading");
    assert!(page.attribute(".summary", "autofocus").is_some());
    for (name, message) in ["full_name", "email", "password"].into_iter().zip(messages) {
        let input = format!("input[name={name}]");
        let id = page.attribute(&input, "id").expect("an id");
        assert!(page.has(&format!(".summary a[href='#{id}']")));
        assert_eq!(page.text(&format!("#{id}-error")), format!("Error: {message}"));
        assert_eq!(page.attribute(&input, "aria-invalid").as_deref(), Some("true"));
        assert!(page.attribute(&input, "aria-describedby").expect("described").starts_with(&format!("{id}-error")));
    }
    assert_eq!(page.attribute("input[name=full_name]", "value").as_deref(), Some("X"));
    assert_eq!(page.attribute("input[name=email]", "value").as_deref(), Some("ada.example.com"));
    assert_eq!(page.attribute("input[name=password]", "value"), None);

    let answer = server.post_form(&typed).await;
    assert!(!answer.text().contains("hunter2-canary"));
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 0);
}

#[rstest]
#[tokio::test]
async fn a_taken_address_is_an_error_at_the_field(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let fields = [("full_name", "Ada"), ("email", "ada@example.com"), ("password", GOOD)];
    assert_eq!(server.post_form(&fields).await.status, 303);
    let page = server.post_form(&fields).await.page(400);
    let message = "There is already an account with this email address. If you have just made it, you are done; otherwise enter a different one.";
    assert_eq!(page.text(".summary li a"), message);
    assert_eq!(page.text(".error"), format!("Error: {message}"));
    assert_eq!(page.attribute("input[name=full_name]", "value").as_deref(), Some("Ada"));
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 1);
}

#[rstest]
#[tokio::test]
async fn form_values_are_escaped(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    for typed in ["\"><script>alert(1)</script>", "'onfocus='alert(1)", "{{ 7*7 }}", "<b>&amp;", "a\u{2028}b\u{202e}c"]
    {
        let page = server.post_form(&[("full_name", typed), ("email", typed), ("password", "")]).await.page(400);
        for name in ["full_name", "email"] {
            assert_eq!(page.attribute(&format!("input[name={name}]"), "value").as_deref(), Some(typed));
        }
        assert_eq!(page.texts("script").len(), 1, "{typed}");
        assert!(!page.has("main b"));
        assert!(!page.has("[onfocus]"));
    }
}

#[rstest]
#[tokio::test]
async fn a_form_from_another_site_is_refused(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let own = server.url("");
    let content_type = ("content-type", "application/x-www-form-urlencoded");
    let mut number = 0;
    let mut post = async |server: &Server, headers: &[(&str, &str)]| {
        number += 1;
        let body = form(&[("email", &format!("p{number}@example.com")), ("password", GOOD)]);
        let headers: Vec<_> = headers.iter().copied().chain([content_type, ("accept", BROWSER)]).collect();
        server.send("POST", "/register", &headers, body).await
    };
    for headers in [
        vec![],
        vec![("sec-fetch-site", "same-origin")],
        vec![("sec-fetch-site", "none")],
        vec![("origin", own.as_str())],
        vec![("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
    ] {
        assert_eq!(post(&server, &headers).await.status, 303, "{headers:?}");
    }
    let accounts = server.database.count("SELECT count(*) FROM users");
    for headers in [
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "cross-site"), ("origin", own.as_str())],
        vec![("sec-fetch-site", "")],
        vec![("origin", "null")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "http://127.0.0.1:1")],
        vec![("origin", "")],
    ] {
        let page = post(&server, &headers).await.page(403);
        assert_eq!(page.text("h1"), "This form came from another site", "{headers:?}");
        assert!(page.has("a[href='/register']"));
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users"), accounts);
    let headers = [content_type, ("accept", "application/json"), ("sec-fetch-site", "cross-site")];
    let answer = server.send("POST", "/register", &headers, "").await;
    assert_eq!((answer.status, answer.header("content-type")), (403, "application/json"));
}

#[rstest]
#[tokio::test]
async fn unreadable_forms_are_malformed(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", BROWSER)];
    for body in [
        &b"email=a@example.com&email=b@example.com&password=correct-horse-battery"[..],
        b"email=%ff%fe@example.com&password=correct-horse-battery",
        b"email=\xff@example.com&password=correct-horse-battery",
    ] {
        let page = server.send("POST", "/register", &headers, body.to_vec()).await.page(400);
        assert_eq!(page.text("h1"), "The request could not be read");
    }
    // The query is ignored.
    let answer =
        server.send("POST", "/register?email=x@example.com&password=correct-horse-battery", &headers, "").await;
    assert_eq!(answer.page(400).texts(".summary li").len(), 2);
    assert_eq!(server.get("/register?email=x@example.com&password=correct-horse-battery").await.status, 200);
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 0);
}

#[rstest]
#[tokio::test]
async fn names_and_passwords_in_any_script_are_stored(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let name = "Zoë O’Neill 山田 محمد";
    let fields = [("full_name", name), ("email", "zoë@bücher.example"), ("password", " пароль 山 with spaces ")];
    assert_eq!(server.post_form(&fields).await.status, 303);
    assert_eq!(server.database.texts("SELECT full_name AS t FROM users"), [name]);
    assert_eq!(server.database.texts("SELECT email AS t FROM users"), ["zoë@xn--bcher-kva.example"]);
    let hash = server.database.texts("SELECT password_hash AS t FROM users").remove(0);
    assert!(verifies(" пароль 山 with spaces ", &hash).await);
    assert!(!verifies("пароль 山 with spaces", &hash).await);
}
