//! gzip for pages and documents; files in `static/` are compressed at build time.
//!
//! A page with a token or account data is not compressed: next to input of an attacker, its length would leak them
//! (BREACH). Only cacheable pages ([`reply::cacheable`]) are.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use poem::{
    Response,
    http::{HeaderMap, HeaderValue, header},
};

use super::{quality, reply};

/// Smaller pages, in bytes, fit one packet uncompressed.
const MIN_BYTES: usize = 1400;

/// A body, plain and gzipped.
pub struct Encoded {
    plain: Vec<u8>,
    gzip: Vec<u8>,
}

impl Encoded {
    /// Compresses at the highest level; for bodies sent repeatedly.
    #[must_use]
    pub fn new(plain: Vec<u8>) -> Self {
        let gzip = compress(&plain, Compression::best());
        Self { plain, gzip }
    }
}

/// The encoding the client accepts.
pub fn respond(encoded: &Encoded, headers: &HeaderMap) -> Response {
    let builder = Response::builder().header(header::VARY, "Accept-Encoding");
    if accepts(headers, "gzip") {
        builder.header(header::CONTENT_ENCODING, "gzip").body(encoded.gzip.clone())
    } else {
        builder.body(encoded.plain.clone())
    }
}

/// Whether the client accepts this coding: named with a quality above 0.
#[must_use]
pub fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let ranges = quality::ranges(headers, &header::ACCEPT_ENCODING);
    ranges.into_iter().any(|(range, quality)| range.eq_ignore_ascii_case(coding) && quality > 0.0)
}

/// Compresses a page made for this request, at a fast level, if it is cacheable.
pub async fn gzip(mut response: Response) -> Response {
    let headers = response.headers();
    let is_page = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html"));
    if !is_page || !reply::is_cacheable(&response) || headers.contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let Ok(body) = response.take_body().into_bytes().await else { return response };
    if body.len() < MIN_BYTES {
        response.set_body(body);
        return response;
    }
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    response.set_body(compress(&body, Compression::new(4)));
    response
}

#[expect(clippy::expect_used, reason = "writing to memory does not fail")]
fn compress(plain: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 2), level);
    encoder.write_all(plain).and_then(|()| encoder.finish()).expect("memory")
}
