//! `Set-Cookie` headers.

use poem::{
    Response,
    http::{HeaderValue, header},
};
use tower_cookies::{
    Cookie,
    cookie::{CookieBuilder, SameSite},
};

/// A cookie with the attributes of all cookies of the service. `is_https`: whether visitors use https.
#[must_use]
pub(super) fn build(name: &'static str, value: String, is_https: bool) -> CookieBuilder<'static> {
    Cookie::build((name, value)).path("/").http_only(true).same_site(SameSite::Lax).secure(is_https)
}

/// Appends a `Set-Cookie` header, marked as sensitive for logs.
pub(super) fn append(response: &mut Response, cookie: CookieBuilder<'static>) {
    if let Ok(mut value) = HeaderValue::from_str(&cookie.build().to_string()) {
        value.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
