//! Authentication by bearer token (RFC 6750) or session cookie.
//!
//! The cookie is read from the raw header: libraries decode and trim names, so another site's cookie could pass for
//! ours. Duplicates count as none.

use std::sync::Arc;

use poem::{
    FromRequest, Request, RequestBody, Response,
    http::{HeaderMap, HeaderValue, Method, header},
    web::Data,
};
use tower_cookies::cookie::time::Duration;

use super::{cookies, error::AppError, next, set_cookie};
use crate::{accounts::sessions::SignedIn, app::App, domain::token::Token};

/// The session of the request, if any.
pub struct Visitor(pub Option<SignedIn>);

/// The session of the request; without one the request is refused.
pub struct Member(pub SignedIn);

impl<'a> FromRequest<'a> for Visitor {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let app = Data::<&Arc<App>>::from_request_without_body(request).await?;
        let headers = request.headers();
        let token = if is_bearer(headers) { bearer(headers) } else { cookie(headers, app.site.is_https()) };
        let Some(token) = token else { return Ok(Self(None)) };
        Ok(Self(app.accounts.session(&token).await.map_err(AppError::from)?))
    }
}

impl<'a> FromRequest<'a> for Member {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let Visitor(signed_in) = Visitor::from_request(request, body).await?;
        let next = || {
            let target = request.uri().path_and_query().map(|target| target.as_str().to_owned());
            target.filter(|_| request.method() == Method::GET).unwrap_or_else(|| next::HOME.to_owned())
        };
        Ok(Self(signed_in.ok_or_else(|| AppError::Unauthenticated { next: next() })?))
    }
}

/// A bearer token overrides the cookie; other schemes are for a proxy in front.
fn is_bearer(headers: &HeaderMap) -> bool {
    let scheme =
        |value: &HeaderValue| value.as_bytes().get(..6).is_some_and(|begin| begin.eq_ignore_ascii_case(b"bearer"));
    headers.get_all(header::AUTHORIZATION).iter().any(scheme)
}

/// The token of the single `Authorization` header.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<Token> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") { Token::parse(token.trim_matches(' ')) } else { None }
}

fn name(is_https: bool) -> &'static str {
    if is_https { "__Host-vestibule_session" } else { "vestibule_session" }
}

fn cookie(headers: &HeaderMap, is_https: bool) -> Option<Token> {
    Token::parse(std::str::from_utf8(cookies::exact(headers, name(is_https))?).ok()?)
}

/// Sets the session cookie.
pub fn set(response: &mut Response, token: &Token, app: &App) {
    let seconds = app.accounts.policy().session_lifetime.num_seconds();
    add(response, token.expose(), seconds, app);
}

/// Clears the session cookie.
pub fn clear(response: &mut Response, app: &App) {
    add(response, "", 0, app);
}

fn add(response: &mut Response, value: &str, seconds: i64, app: &App) {
    let is_https = app.site.is_https();
    let cookie = set_cookie::build(name(is_https), value.to_owned(), is_https).max_age(Duration::seconds(seconds));
    set_cookie::append(response, cookie);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_cookie_of_the_exact_name_counts() {
        let (token, other) = (Token::random(), Token::random());
        let (token, other) = (token.expose(), other.expose());
        let found = |values: &[&[u8]], is_https| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::COOKIE, HeaderValue::from_bytes(value).expect("a value"));
            }
            cookie(&headers, is_https).map(|token| token.expose().to_owned())
        };
        let good = format!("a=b; __Host-vestibule_session={token}; c=d");
        assert_eq!(found(&[good.as_bytes()], true).as_deref(), Some(token));
        assert_eq!(found(&[format!("vestibule_session={token}").as_bytes()], false).as_deref(), Some(token));
        for name in [
            "vestibule_session",
            "__%48ost-vestibule_session",
            "\u{2000}__Host-vestibule_session",
            "\u{a0}__Host-vestibule_session",
            "  __Host-vestibule_session",
            "\t__Host-vestibule_session",
            "__host-vestibule_session",
            "__Host-vestibule_session ",
            "__Host-vestibule_sessio",
            "\"__Host-vestibule_session",
        ] {
            assert_eq!(found(&[format!("{name}={token}").as_bytes()], true), None, "{name:?}");
            // It does not hide the valid cookie.
            let both = format!("{name}={other}; __Host-vestibule_session={token}");
            assert_eq!(found(&[both.as_bytes()], true).as_deref(), Some(token), "{name:?}");
        }
        let twice = format!("__Host-vestibule_session={token}; __Host-vestibule_session={token}");
        assert_eq!(found(&[twice.as_bytes()], true), None);
        let one = format!("__Host-vestibule_session={token}");
        assert_eq!(found(&[one.as_bytes(), one.as_bytes()], true), None);
        assert_eq!(found(&[format!("__Host-vestibule_session=\"{token}\"").as_bytes()], true), None);
    }

    #[test]
    fn bearer_tokens_are_parsed_as_of_rfc_6750() {
        let token = Token::random();
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().expect("a value"));
            bearer(&headers).is_some()
        };
        let text = token.expose();
        assert!(read(&format!("Bearer {text}")));
        assert!(read(&format!("bearer {text}")));
        assert!(read(&format!("BEARER  {text}")));
        for value in
            ["", "Bearer", "Bearer ", text, &format!("Basic {text}"), &format!("Bearer {text}x"), "Bearer null"]
        {
            assert!(!read(value), "{value}");
        }
    }
}
