//! gzip for pages and documents made per request; files in `static/` are compressed at build time.
//!
//! Pages hold no secret, so what somebody typed next to it cannot be used to guess one (BREACH).

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use poem::{
    Response,
    http::{HeaderMap, HeaderValue, header},
};

/// Below this many bytes the answer fits one packet either way.
const WORTH_BYTES: usize = 1400;

/// Whether the client takes this coding: named with a quality that is not 0.
pub fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|range| {
            let mut parts = range.split(';').map(str::trim);
            parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding))
                && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    })
}

/// Compresses a text that was not compressed yet.
pub async fn gzip(mut response: Response) -> Response {
    let headers = response.headers();
    let is_text = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html") || kind.starts_with("application/"));
    if !is_text || headers.contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let Ok(body) = response.take_body().into_bytes().await else { return response };
    if body.len() < WORTH_BYTES {
        response.set_body(body);
        return response;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::new(4));
    match encoder.write_all(&body).and_then(|()| encoder.finish()) {
        Ok(compressed) => {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
            response.set_body(compressed);
        }
        // Writing to memory does not fail.
        Err(_) => response.set_body(body),
    }
    response
}
