//! The language of pages and of JSON responses.

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Backend, GOOD, Server,
    server::{Answer, BROWSER},
};
use Backend::{Postgres, Sqlite};

const GERMAN: (&str, &str) = ("accept-language", "de-AT,de;q=0.9,en;q=0.5");

/// Heading, `lang`, `dir` and `Content-Language` of a page.
fn shown(answer: &Answer, status: u16) -> (String, String, String, String) {
    let page = answer.page(status);
    let attribute = |name| page.attribute("html", name).expect("an attribute");
    (page.text("h1"), attribute("lang"), attribute("dir"), answer.header("content-language").to_owned())
}

fn expected(heading: &str, lang: &str, dir: &str) -> (String, String, String, String) {
    (heading.into(), lang.into(), dir.into(), lang.into())
}

fn browser(headers: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [&[("accept", BROWSER)], headers].concat()
}

#[rstest]
#[tokio::test]
async fn page_language_follows_link_then_cookie_then_accept_language(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let cookie = ("cookie", "a=b; vestibule_lang=ja");
    for (path, headers, lang, dir, heading) in [
        ("/register", browser(&[]), "en", "ltr", "Create an account"),
        ("/register", browser(&[GERMAN]), "de", "ltr", "Konto erstellen"),
        ("/register", browser(&[GERMAN, cookie]), "ja", "ltr", "アカウントの作成"),
        ("/register?lang=ar", browser(&[GERMAN, cookie]), "ar", "rtl", "إنشاء حساب"),
        ("/register?x=1&lang=fr", browser(&[]), "fr", "ltr", "Créer un compte"),
        ("/register?lang=pt-br", browser(&[]), "pt-BR", "ltr", "Crie sua conta"),
        // Unsupported languages are ignored.
        ("/register?lang=tlh", browser(&[GERMAN]), "de", "ltr", "Konto erstellen"),
        ("/register?lang=en-XA", browser(&[GERMAN]), "de", "ltr", "Konto erstellen"),
        ("/register", browser(&[("cookie", "vestibule_lang=../x"), GERMAN]), "de", "ltr", "Konto erstellen"),
        ("/register", browser(&[("accept-language", "nl, zh;q=0.9")]), "en", "ltr", "Create an account"),
    ] {
        let answer = server.send("GET", path, &headers, "").await;
        assert_eq!(shown(&answer, 200), expected(heading, lang, dir), "{path} {headers:?}");
    }
    let not_found = server.send("GET", "/nothing", &browser(&[GERMAN]), "").await;
    assert_eq!(shown(&not_found, 404).1, "de");
}

#[rstest]
#[tokio::test]
async fn only_get_stores_the_language_of_a_link(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let chosen = server.get("/register?lang=es").await;
    assert_eq!(chosen.header("set-cookie"), "vestibule_lang=es; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000");
    let script = server.get("/register").await.page(200).attribute("script", "src").expect("a script") + "?lang=es";
    for (method, path, accept) in [
        ("HEAD", "/register?lang=es", BROWSER),
        ("GET", "/register?lang=xx", BROWSER),
        ("GET", "/register", BROWSER),
        ("GET", "/register?lang=es", "application/json"),
        ("GET", "/_gallery?lang=es", BROWSER),
        // Shared caches may store these.
        ("GET", "/docs?lang=en", BROWSER),
        ("GET", "/docs?lang=es", BROWSER),
        ("GET", script.as_str(), BROWSER),
    ] {
        let answer = server.send(method, path, &[("accept", accept)], "").await;
        assert!(!answer.headers.contains_key("set-cookie"), "{method} {path} {accept}");
    }
    let https = Server::start_with(backend, &[("PUBLIC_URL", "https://accounts.example.com")]);
    let chosen = https.get("/register?lang=es").await;
    let attributes = ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=31536000"];
    chosen.cookie("vestibule_lang").assert_attributes(&attributes);
}

#[rstest]
#[tokio::test]
async fn the_language_switcher_names_each_language_in_itself(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let page = server.get("/register?lang=fr").await.page(200);
    assert_eq!(
        page.texts(".languages li"),
        ["English", "Deutsch", "Français", "Español", "Português (Brasil)", "日本語", "العربية"]
    );
    assert_eq!(page.text(".languages [aria-current]"), "Français");
    assert_eq!(page.attribute(".languages a[lang=ar]", "href").as_deref(), Some("?lang=ar"));
}

#[rstest]
#[tokio::test]
async fn form_errors_are_in_the_language_of_the_form(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", BROWSER),
        ("sec-fetch-site", "same-origin"),
        ("cookie", "vestibule_lang=de"),
    ];
    let answer = server.send("POST", "/register", &headers, "email=ada&password=kurz").await;
    let page = answer.page(400);
    assert_eq!(page.text("title"), "Fehler: Konto erstellen – Vestibule");
    let summary = page.texts(".summary a");
    assert_eq!(summary.len(), 2);
    for (message, id) in summary.iter().zip(["register-email", "register-password"]) {
        assert_eq!(
            page.text(&format!("#{id}-error")),
            format!("Fehler: {message}"),
            "summary and field have the same text"
        );
    }
}

#[rstest]
#[tokio::test]
async fn json_texts_follow_accept_language_and_codes_are_stable(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let json = ("content-type", "application/json");
    let ada = json!({"email": "ada@example.com", "password": GOOD}).to_string();
    let made = server.send("POST", "/register", &[json, GERMAN], ada.clone()).await;
    assert_eq!(made.status, 201);

    // The documented English texts are the default.
    for (accepted, detail) in [
        ("", "Email already registered"),
        ("*", "Email already registered"),
        ("en-US", "Email already registered"),
        ("zh", "Email already registered"),
        ("de", "Die E-Mail-Adresse ist bereits registriert"),
    ] {
        let answer = server.send("POST", "/register", &[json, ("accept-language", accepted)], ada.clone()).await;
        answer.assert_json(400, &json!({ "detail": detail }));
        let lang = if accepted == "de" { "de" } else { "en" };
        assert_eq!((answer.header("content-language"), answer.header("vary")), (lang, "Accept-Language"), "{accepted}");
    }
    // JSON responses ignore the cookie.
    let answer = server.send("POST", "/register", &[json, ("cookie", "vestibule_lang=de")], ada).await;
    answer.assert_json(400, &json!({"detail": "Email already registered"}));

    let wrong = r#"{"email": "ada", "password": ""}"#;
    let problem = ("accept", "application/problem+json");
    let mut codes = Vec::new();
    let mut texts = Vec::new();
    for language in ["en", "de", "fr", "es", "pt-BR", "ja", "ar"] {
        let accepted = ("accept-language", language);
        let errors = server.send("POST", "/register", &[json, accepted], wrong).await.json();
        let list = server.send("POST", "/api/v1/users/register", &[json, accepted], wrong).await.json();
        let problem = server.send("POST", "/register", &[json, accepted, problem], wrong).await.json();
        codes.push(json!([
            errors["errors"][0]["code"],
            errors["errors"][1]["code"],
            list["detail"][0]["type"],
            problem["code"]
        ]));
        for text in [&errors["detail"], &problem["detail"]] {
            assert_eq!(
                text,
                &json!(format!(
                    "{} {}",
                    errors["errors"][0]["message"].as_str().expect("text"),
                    list["detail"][1]["msg"].as_str().expect("text")
                ))
            );
        }
        texts.push((errors["detail"].to_string(), problem["title"].to_string()));
        let not_found = server.send("GET", "/api/v1/nothing", &[accepted], "").await;
        assert_eq!((not_found.status, not_found.header("content-language")), (404, language));
    }
    assert!(codes.iter().all(|known| known == &codes[0]), "{codes:?}");
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 7, "{texts:?}");
}

#[rstest]
#[tokio::test]
async fn the_first_configured_language_is_the_default(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("LANGUAGES", "de, en")]);
    let page = server.get("/register").await;
    assert_eq!(shown(&page, 200).0, "Konto erstellen");
    assert_eq!(page.page(200).texts(".languages li"), ["Deutsch", "English"]);
    let french = server.send("GET", "/register?lang=fr", &browser(&[("accept-language", "fr")]), "").await;
    assert_eq!(shown(&french, 200).1, "de");
    let single = Server::start_with(backend, &[("LANGUAGES", "ja")]);
    let page = single.get("/register").await.page(200);
    assert!(!page.has(".languages"), "a single language needs no switcher");
    assert!(!page.has("footer"), "a single language needs no switcher");
}

/// The page is shown once: a link to it in another language would lead to the empty form.
#[rstest]
#[tokio::test]
async fn the_welcome_page_has_no_language_switcher(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let made = server.post_form(&[("email", "ada@example.com"), ("password", GOOD)]).await;
    let cookie = made.cookie("vestibule_flash").pair();
    let headers = [("accept", BROWSER), ("cookie", cookie.as_str()), GERMAN];
    let welcome = server.send("GET", "/welcome", &headers, "").await;
    assert_eq!(shown(&welcome, 200).1, "de");
    assert!(!welcome.page(200).has(".languages"));
}

#[rstest]
#[tokio::test]
async fn the_api_documentation_is_english_only(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let docs = server.send("GET", "/docs", &browser(&[GERMAN]), "").await;
    assert_eq!(shown(&docs, 200), expected("The API", "en", "ltr"));
    assert!(!docs.page(200).has(".languages"));
    assert_eq!(docs.header("cache-control"), "public, max-age=300");
}
