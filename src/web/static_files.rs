//! Files of `static/` and `CUSTOM_DIR`, under names with a content hash; built-in files are compressed at build time.

use poem::{
    IntoResponse as _, Request, Response, handler,
    http::{StatusCode, header},
    web::{Data, Path},
};

use super::{compression::accepts, error::AppError, request_context::RequestContext};

/// The content under a hashed name never changes.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

#[handler]
pub(crate) fn serve(
    request: &Request,
    Data(context): Data<&RequestContext>,
    Path(name): Path<String>,
) -> poem::Result<Response> {
    let asset = context.theme.file(&format!("/static/{name}")).ok_or(AppError::NotFound)?;
    let etag = format!("\"{}\"", asset.hash);
    let builder = Response::builder()
        .header(header::CACHE_CONTROL, IMMUTABLE)
        .header(header::ETAG, &etag)
        .header(header::VARY, "Accept-Encoding");
    if request.headers().get(header::IF_NONE_MATCH).is_some_and(|sent| sent == etag.as_str()) {
        return Ok(builder.status(StatusCode::NOT_MODIFIED).finish());
    }
    let builder = builder.content_type(asset.content_type);
    let response = if !asset.brotli.is_empty() && accepts(request.headers(), "br") {
        builder.header(header::CONTENT_ENCODING, "br").body(asset.brotli.to_vec())
    } else if !asset.gzip.is_empty() && accepts(request.headers(), "gzip") {
        builder.header(header::CONTENT_ENCODING, "gzip").body(asset.gzip.to_vec())
    } else {
        builder.body(asset.plain.to_vec())
    };
    Ok(response.into_response())
}
