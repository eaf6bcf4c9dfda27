//! Query parameters.

use poem::Request;
use url::form_urlencoded;

/// The first value of this name; empty counts as absent.
#[must_use]
pub fn value(request: &Request, name: &str) -> Option<String> {
    let query = request.uri().query()?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find_map(|(key, value)| (key == name && !value.is_empty()).then(|| value.into_owned()))
}
