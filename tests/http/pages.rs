//! Pages and static files: size, compression, caching.

use flate2::read::GzDecoder;
use rstest::rstest;
use std::io::Read as _;

use crate::support::{Backend, Server, server::BROWSER};
use Backend::{Postgres, Sqlite};

#[rstest]
#[tokio::test]
async fn the_first_page_view_is_at_most_12_kb_in_total(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("RATE_LIMITS", "on")]);
    let encodings = ("accept-encoding", "gzip, deflate, br");
    let page = server.send("GET", "/register", &[("accept", BROWSER), encodings], "").await;
    assert_eq!(page.header("content-encoding"), "gzip");
    let varies: Vec<_> = page.headers.get_all("vary").iter().collect();
    assert_eq!(varies, ["Accept-Language, Cookie", "Accept-Encoding"]);
    let mut html = String::new();
    GzDecoder::new(page.body.as_slice()).read_to_string(&mut html).expect("gzip");
    // Only the form timestamp differs.
    let plain = server.get("/register").await;
    let timestamp = |page: &str| {
        page.split("name=\"stamp\" value=\"").nth(1).and_then(|rest| rest.split('"').next().map(str::to_owned))
    };
    let (one, other) = (timestamp(&html).expect("a timestamp"), timestamp(plain.text()).expect("a timestamp"));
    assert_eq!(html.replace(&one, ""), plain.text().replace(&other, ""), "the same page, compressed");

    let mut weight =
        page.body.len() + page.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>();
    let mut requests = 1;
    let document = scraper::Html::parse_document(&html);
    for selector in ["script[src]", "link[href]", "img[src]"] {
        for element in document.select(&scraper::Selector::parse(selector).expect("a selector")) {
            let address = element.attr("src").or_else(|| element.attr("href")).expect("an address");
            if address.starts_with("data:") {
                continue;
            }
            assert!(address.starts_with("/static/"), "no third-party resources: {address}");
            let file = server.send("GET", address, &[encodings], "").await;
            assert_eq!(file.status, 200);
            weight += file.body.len();
            requests += 1;
        }
    }
    assert!(weight <= 12 * 1024, "{weight} bytes in {requests} requests");
    assert!(requests <= 2, "{weight} bytes in {requests} requests");
}

#[rstest]
#[tokio::test]
async fn the_policy_allows_exactly_the_inline_style_sheet(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    server.get("/register").await.assert_policy_fits();
}

#[rstest]
#[tokio::test]
async fn static_files_are_immutable_and_compressed(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let script = server.get("/register").await.page(200).attribute("script", "src").expect("a script");
    let plain = server.send("GET", &script, &[], "").await;
    assert_eq!(plain.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(plain.text(), include_str!("../../static/form.js"));
    for (accept, encoding) in
        [("br, gzip", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", ""), ("", "")]
    {
        let answer = server.send("GET", &script, &[("accept-encoding", accept)], "").await;
        assert_eq!(answer.header("content-encoding"), encoding, "{accept}");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(answer.header("vary"), "Accept-Encoding");
        assert!(encoding.is_empty() || answer.body.len() < plain.body.len());
        let known = server.send("GET", &script, &[("if-none-match", answer.header("etag"))], "").await;
        assert_eq!((known.status, known.body.len()), (304, 0));
        let head = server.send("HEAD", &script, &[("accept-encoding", accept)], "").await;
        assert_eq!((head.status, head.body.len()), (200, 0));
    }
    let unhashed = server.send("GET", "/static/form.js", &[], "").await;
    assert_eq!(unhashed.status, 404);
}

#[rstest]
#[tokio::test]
async fn an_unknown_path_is_a_404_page_with_a_link_or_json(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let page = server.get("/nothing").await.page(404);
    assert_eq!((page.text("title"), page.text("h1")), ("Page not found – Vestibule".into(), "Page not found".into()));
    assert!(page.has("a[href='/register']"));
    let page =
        server.send("POST", "/register", &[("accept", BROWSER), ("content-type", "text/plain")], "x").await.page(415);
    assert_eq!(page.text("h1"), "The request could not be read");
    for path in ["/nothing", "/api/v1/nothing", "/api/nothing"] {
        let answer = server.send("GET", path, &[("accept", "application/json")], "").await;
        answer.assert_json(
            404,
            &serde_json::json!({"detail": "Nothing is at this address. Check that it is typed or copied in full."}),
        );
    }
}
