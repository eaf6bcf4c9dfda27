//! The files of `static/`, embedded and compressed at build time, under names that hold a hash of their content.

use poem::{
    IntoResponse as _, Request, Response, handler,
    http::{StatusCode, header},
    web::Path,
};

use super::{compression::accepts, error::AppError};
use crate::views::assets;

/// The content under a hashed name never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";

#[handler]
pub fn serve(request: &Request, Path(name): Path<String>) -> poem::Result<Response> {
    let asset = assets::find(&name).ok_or(AppError::NotFound)?;
    let etag = format!("\"{}\"", asset.hash);
    let builder = Response::builder()
        .header(header::CACHE_CONTROL, FOREVER)
        .header(header::ETAG, &etag)
        .header(header::VARY, "Accept-Encoding");
    if request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| known == etag.as_str()) {
        return Ok(builder.status(StatusCode::NOT_MODIFIED).finish());
    }
    let builder = builder.content_type(asset.content_type);
    let response = if accepts(request.headers(), "br") {
        builder.header(header::CONTENT_ENCODING, "br").body(asset.brotli)
    } else if accepts(request.headers(), "gzip") {
        builder.header(header::CONTENT_ENCODING, "gzip").body(asset.gzip)
    } else {
        builder.body(asset.plain)
    };
    Ok(response.into_response())
}
