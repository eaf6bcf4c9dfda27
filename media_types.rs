// The kinds of files that are served; both build.rs and src/appearance/assets.rs include this.

/// Their endings.
const ENDINGS: [&str; 9] = ["css", "js", "svg", "png", "jpg", "webp", "avif", "ico", "woff2"];

/// The media type of a file with this ending.
fn media_type(ending: &str) -> Option<&'static str> {
    Some(match ending {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => return None,
    })
}
