//! The language of a response: `?lang=`, then its cookie, then `Accept-Language`, then the first of `LANGUAGES`. The
//! first two apply to pages only.

use poem::{
    Request, Response,
    http::{HeaderMap, HeaderValue, Method, header},
};
use tower_cookies::cookie::time::Duration;

use super::{quality, response_format::ResponseFormat, set_cookie};
use crate::views::language::Language;

/// The language chosen by a link. It holds nothing else, so it needs no signature.
const COOKIE: &str = "vestibule_lang";
/// A year.
const COOKIE_DAYS: i64 = 365;

/// The language for this request.
#[must_use]
pub fn of(request: &Request, response_format: ResponseFormat, offered: &[Language]) -> Language {
    let explicit = || linked(request, offered).or_else(|| from_cookie(request.headers(), offered));
    let chosen = if response_format == ResponseFormat::Page { explicit() } else { None };
    let accepted = || Language::negotiate(&quality::ranges(request.headers(), &header::ACCEPT_LANGUAGE), offered);
    chosen.or_else(accepted).or_else(|| offered.first().copied()).unwrap_or_default()
}

/// The language of `?lang=`.
#[must_use]
pub fn linked(request: &Request, offered: &[Language]) -> Option<Language> {
    // The gallery uses it for its samples.
    if request.uri().path().starts_with("/_gallery") {
        return None;
    }
    let query = request.uri().query()?;
    let code = query.split('&').find_map(|pair| pair.strip_prefix("lang="))?;
    code.parse().ok().filter(|language| offered.contains(language))
}

fn from_cookie(headers: &HeaderMap, offered: &[Language]) -> Option<Language> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, code) = pairs.find(|(name, _)| *name == COOKIE)?;
    code.parse().ok().filter(|language| offered.contains(language))
}

/// Stores the language of a link in the cookie. Only on GET, as HEAD changes nothing, and only with a page in that
/// language that no shared cache stores.
pub fn store(method: &Method, chosen: Option<Language>, is_https: bool, response: &mut Response) {
    let depends_on_cookie = |value: &HeaderValue| value.as_bytes().ends_with(b"Cookie");
    let is_negotiated = response.headers().get_all(header::VARY).iter().any(depends_on_cookie);
    let Some(language) = chosen.filter(|_| *method == Method::GET && is_negotiated) else { return };
    let cookie = set_cookie::build(COOKIE, language.code().to_owned(), is_https).max_age(Duration::days(COOKIE_DAYS));
    set_cookie::append(response, cookie);
}

/// Sets `Content-Language` and `Vary`.
pub fn declare(language: Language, response_format: ResponseFormat, response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    let varies = if response_format == ResponseFormat::Page { "Accept-Language, Cookie" } else { "Accept-Language" };
    headers.append(header::VARY, HeaderValue::from_static(varies));
}
