// Which files are served, and which are nobody's. `build.rs` of the program includes this file.

/// Endings of the files that `static/` may hold.
pub const ENDINGS: [&str; 10] = ["css", "js", "svg", "png", "jpg", "jpeg", "webp", "avif", "ico", "woff2"];

/// Those of images and fonts, which is what an operator may add.
pub const IMAGE_ENDINGS: [&str; 8] = ["svg", "png", "jpg", "jpeg", "webp", "avif", "ico", "woff2"];

/// The media type of a file with this ending.
#[must_use]
pub fn media_type(ending: &str) -> Option<&'static str> {
    Some(match ending {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

/// Whether a file is what editors and systems leave beside others: `.DS_Store`, `.#en.ftl`, `app.css~`, `4913.tmp`.
#[must_use]
pub fn is_leftover(name: &str) -> bool {
    name.starts_with(['.', '#']) || [".swp", ".tmp", ".bak", "~"].iter().any(|ending| name.ends_with(ending))
}
