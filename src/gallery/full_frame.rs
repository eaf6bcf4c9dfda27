//! A frame with every setting of the brand.

use std::sync::Arc;

use crate::views::frame::{Brand, Frame, Link};

/// The frame with every brand setting present.
pub(super) fn with_every_setting(frame: &Frame) -> Frame {
    let brand = Brand {
        sign_in_url: "https://example.com/sign-in".to_owned(),
        terms_url: "https://example.com/terms".to_owned(),
        support_email: "help@example.com".to_owned(),
        links: [
            ("link-home", "https://example.com/"),
            ("link-terms", "https://example.com/terms"),
            ("link-privacy", "https://example.com/privacy"),
            ("link-imprint", "https://example.com/imprint"),
            ("link-support", "mailto:help@example.com"),
        ]
        .map(|(label, href)| Link { label: label.into(), href: href.to_owned() })
        .to_vec(),
        ..(*frame.brand).clone()
    };
    Frame { brand: Arc::new(brand), ..frame.clone() }
}
