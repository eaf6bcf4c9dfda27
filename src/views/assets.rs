//! The files of `static/`, embedded by `build.rs`.

use std::sync::LazyLock;

use askama::filters::Safe;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// One file in the three forms in which it is sent.
pub struct Asset {
    /// As in `static/`.
    pub name: &'static str,
    /// Where it is served; changes with the content.
    pub url: &'static str,
    pub hash: &'static str,
    pub content_type: &'static str,
    pub plain: &'static [u8],
    pub gzip: &'static [u8],
    pub brotli: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The one style sheet. It stands in every page, which saves a round trip; the security policy lets it pass by its
/// hash.
pub const STYLESHEET: &str = include_str!("../../static/app.css");

/// The file served under this hashed name.
#[must_use]
pub fn find(hashed_name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.url.strip_prefix("/static/") == Some(hashed_name))
}

/// For layouts: the icon as a `data:` address, which saves a request.
#[must_use]
pub fn icon() -> &'static str {
    static ICON: LazyLock<String> = LazyLock::new(|| {
        format!("data:image/svg+xml;base64,{}", STANDARD.encode(include_bytes!("../../static/icon.svg")))
    });
    &ICON
}

/// For layouts: the style sheet as it is. It is our own file and holds no `<`, which a test makes sure of.
#[must_use]
pub fn stylesheet() -> Safe<&'static str> {
    Safe(STYLESHEET)
}

#[expect(clippy::inline_always, clippy::missing_errors_doc, reason = "written by the macro")]
pub mod filters {
    use super::ASSETS;

    /// `{{ "icon.svg"|asset }}` is the address at which that file of `static/` is served.
    ///
    /// # Errors
    /// There is no such file.
    #[askama::filter_fn]
    pub fn asset(name: &str, _: &dyn askama::Values) -> askama::Result<&'static str> {
        let known = ASSETS.iter().find(|asset| asset.name == name).map(|asset| asset.url);
        known.ok_or_else(|| askama::Error::custom(format!("static/{name} does not exist")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_cannot_end_its_element() {
        assert!(!STYLESHEET.contains('<'));
    }

    #[test]
    fn files_are_found_by_their_hashed_name_alone() {
        for asset in ASSETS {
            assert!(find(asset.url.trim_start_matches("/static/")).is_some());
            assert!(find(asset.name).is_none());
        }
    }
}
