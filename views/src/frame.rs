//! Values of every page and mail: language, brand, styles and scripts.

use std::{collections::BTreeMap, sync::Arc};

use askama::filters::Safe;
use serde::{Deserialize, Serialize};

use crate::{
    elements::ProofView,
    language::{Direction, Language},
    texts::Message,
};

/// Values of every page and mail.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Frame {
    /// Language of the texts.
    pub language: Language,
    /// Text direction of the language; the gallery can override it.
    pub direction: Direction,
    /// Languages to choose from; empty if there is no choice.
    pub languages: Vec<LanguageLink>,
    pub brand: Arc<Brand>,
    pub resources: Arc<Resources>,
    /// Challenge of a form of the page.
    pub proof: ProofView,
}

/// A language to choose.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LanguageLink {
    pub language: Language,
    /// Whether the page is in this language.
    pub is_current: bool,
}

impl LanguageLink {
    /// Value of `lang` and `hreflang`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.language.code()
    }

    #[must_use]
    pub fn name(&self) -> &'static str {
        self.language.name()
    }
}

/// The operator's brand, from the settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Brand {
    /// `BRAND_NAME`.
    pub name: String,
    /// URL of `BRAND_LOGO`; empty for the drawing in `elements/brand.html`.
    pub logo: String,
    /// `SUPPORT_EMAIL`; empty if none.
    pub support_email: String,
    /// `SIGN_IN_URL`; empty if none.
    pub sign_in_url: String,
    /// `TERMS_URL`; empty if none.
    pub terms_url: String,
    /// Links of the footer.
    pub links: Vec<Link>,
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            name: "Vestibule".to_owned(),
            logo: String::new(),
            support_email: String::new(),
            sign_in_url: String::new(),
            terms_url: String::new(),
            links: Vec::new(),
        }
    }
}

/// A link with its label.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Link {
    pub label: Message,
    pub href: String,
}

/// Styles, scripts and images.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Resources {
    /// Embedded style sheet; empty if it is linked.
    pub stylesheet: String,
    /// URL of the linked style sheet; empty if it is embedded.
    pub stylesheet_url: String,
    /// Style sheet of mails.
    pub mail_stylesheet: String,
    /// URL of the icon; usually a `data:` URL.
    pub icon: String,
    /// URL of the live-reload script; empty if none.
    pub live_script: String,
    /// URL of each file of `static/`; templates write `{{ "NAME"|asset }}`.
    pub files: BTreeMap<String, String>,
}

impl Frame {
    #[must_use]
    pub fn lang(&self) -> &'static str {
        self.language.code()
    }

    #[must_use]
    pub fn dir(&self) -> &'static str {
        self.direction.code()
    }

    /// Embedded style sheet, unescaped: `appearance` ensures that it cannot end its element.
    #[must_use]
    pub fn stylesheet(&self) -> Safe<&str> {
        Safe(&self.resources.stylesheet)
    }

    /// Style sheet of mails, unescaped.
    #[must_use]
    pub fn mail_stylesheet(&self) -> Safe<&str> {
        Safe(&self.resources.mail_stylesheet)
    }
}
