//! Content negotiation: which of the four response formats a client gets.

use poem::{
    Request,
    http::{HeaderMap, header},
};

use super::quality;

/// The format of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseFormat {
    /// An HTML page.
    Page,
    /// `{"detail": …}`.
    Json,
    /// As [`ResponseFormat::Json`], but field errors are FastAPI's list with status 422.
    FastApi,
    /// RFC 9457, `application/problem+json`. `is_fastapi`: at an endpoint whose field errors are 422.
    Problem { is_fastapi: bool },
}

impl ResponseFormat {
    /// Whether field errors are 422.
    #[must_use]
    pub fn is_fastapi(self) -> bool {
        matches!(self, Self::FastApi | Self::Problem { is_fastapi: true })
    }

    /// Determined by path, then `Accept`, then content type.
    ///
    /// API paths never return a page. All others do unless the client names JSON or sends JSON: browsers name
    /// `text/html`, and `*/*` expresses no preference.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let headers = request.headers();
        let preferences = Preferences::of(headers);
        let path = request.uri().path();
        let is_api = path.starts_with("/api/");
        let is_json = is_api || matches!(path, "/users" | "/openapi.json" | "/healthz" | "/readyz");
        if preferences.problem > 0.0 && (is_json || preferences.problem >= preferences.html) {
            Self::Problem { is_fastapi: is_api }
        } else if is_api {
            Self::FastApi
        } else if is_json || (preferences.json > 0.0 && preferences.json >= preferences.html) || is_json_body(headers) {
            Self::Json
        } else {
            Self::Page
        }
    }
}

/// The quality (RFC 9110, section 12.4.2) of each media type in `Accept`; 0 if absent.
#[derive(Default)]
struct Preferences {
    html: f32,
    json: f32,
    problem: f32,
}

impl Preferences {
    fn of(headers: &HeaderMap) -> Self {
        let mut preferences = Self::default();
        for (kind, quality) in quality::ranges(headers, &header::ACCEPT) {
            match kind.to_ascii_lowercase().as_str() {
                "text/html" | "application/xhtml+xml" => preferences.html = quality.max(preferences.html),
                "application/json" => preferences.json = quality,
                "application/problem+json" => preferences.problem = quality,
                _ => {}
            }
        }
        preferences
    }
}

fn is_json_body(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_format_follows_path_then_accept_then_body() {
        const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        const FORM: &str = "application/x-www-form-urlencoded";
        const JSON: &str = "application/json";
        for (path, accept, body, response_format) in [
            ("/register", BROWSER, FORM, ResponseFormat::Page),
            ("/register", "*/*", FORM, ResponseFormat::Page),
            ("/register", "*/*", "application/json; charset=utf-8", ResponseFormat::Json),
            ("/register", "", JSON, ResponseFormat::Json),
            ("/register", "text/html", JSON, ResponseFormat::Json),
            ("/register", JSON, FORM, ResponseFormat::Json),
            ("/register", "text/html, application/json;q=0.5", FORM, ResponseFormat::Page),
            ("/register", "application/json;q=0", FORM, ResponseFormat::Page),
            (
                "/register",
                "application/json, application/problem+json",
                JSON,
                ResponseFormat::Problem { is_fastapi: false },
            ),
            ("/users", BROWSER, "", ResponseFormat::Json),
            (
                "/users",
                "application/problem+json;q=0.1, application/json",
                JSON,
                ResponseFormat::Problem { is_fastapi: false },
            ),
            ("/api/v1/users/register", BROWSER, JSON, ResponseFormat::FastApi),
            ("/api/v1/nothing", "application/problem+json", "", ResponseFormat::Problem { is_fastapi: true }),
            ("/nothing", "*/*", "", ResponseFormat::Page),
            ("/nothing", JSON, "", ResponseFormat::Json),
        ] {
            let request = Request::builder().uri_str(path).header("accept", accept).content_type(body).finish();
            assert_eq!(ResponseFormat::of(&request), response_format, "{path} {accept} {body}");
        }
    }
}
