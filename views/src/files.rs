// Types of static files. `build.rs` of the main package includes this file.

/// Extensions of files in `static/`.
pub const ENDINGS: [&str; 10] = ["css", "js", "svg", "png", "jpg", "jpeg", "webp", "avif", "ico", "woff2"];

/// Extensions of images and fonts, which an operator may add.
pub const IMAGE_ENDINGS: [&str; 8] = ["svg", "png", "jpg", "jpeg", "webp", "avif", "ico", "woff2"];

/// The media type of a file extension.
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

/// Whether a file is a temporary one of an editor or system: `.DS_Store`, `.#en.ftl`, `app.css~`, `4913.tmp`.
#[must_use]
pub fn is_leftover(name: &str) -> bool {
    name.starts_with(['.', '#']) || [".swp", ".tmp", ".bak", "~"].iter().any(|ending| name.ends_with(ending))
}
