//! What every page and mail has: the language, the operator's brand, and where styles and scripts are.

use std::{collections::BTreeMap, sync::Arc};

use askama::filters::Safe;
use serde::{Deserialize, Serialize};

use crate::{
    elements::ProofView,
    language::{Direction, Language},
    texts::Message,
};

/// Around every page and mail.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Frame {
    /// Whose texts are shown.
    pub language: Language,
    /// That of the language, except where the gallery turns it round.
    pub direction: Direction,
    /// The languages to choose from, in each one's own words; empty: nothing to choose.
    pub languages: Vec<LanguageLink>,
    pub brand: Arc<Brand>,
    pub resources: Arc<Resources>,
    /// The challenge of one of the page's forms.
    pub proof: ProofView,
}

/// A language to choose.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LanguageLink {
    pub language: Language,
    /// Whether the page is in it.
    pub is_current: bool,
}

impl LanguageLink {
    /// As in `lang` and `hreflang`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.language.code()
    }

    #[must_use]
    pub fn name(&self) -> &'static str {
        self.language.name()
    }
}

/// Whose service it is, as its operator set it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Brand {
    /// `BRAND_NAME`.
    pub name: String,
    /// Address of `BRAND_LOGO`; empty: `elements/brand.html` draws its own.
    pub logo: String,
    /// `SUPPORT_EMAIL`; empty: none.
    pub support_email: String,
    /// `SIGN_IN_URL`; empty: none.
    pub sign_in_url: String,
    /// `TERMS_URL`; empty: none.
    pub terms_url: String,
    /// The links that stand at the foot of every page.
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

/// A link with a text of ours.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Link {
    pub label: Message,
    pub href: String,
}

/// Styles, scripts and images.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Resources {
    /// The whole style sheet, to stand in the page; empty: it is linked.
    pub stylesheet: String,
    /// Where it is linked; empty: it stands in the page.
    pub stylesheet_url: String,
    /// The style sheet of mails.
    pub mail_stylesheet: String,
    /// Address of the icon; usually a `data:` URL.
    pub icon: String,
    /// Address of the script that shows edits at once; empty: none.
    pub live_script: String,
    /// Where each file of `static/` is served; templates write `{{ "NAME"|asset }}`.
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

    /// The whole style sheet, not escaped: `appearance` makes sure that it cannot end its element.
    #[must_use]
    pub fn stylesheet(&self) -> Safe<&str> {
        Safe(&self.resources.stylesheet)
    }

    /// The style sheet of mails, not escaped.
    #[must_use]
    pub fn mail_stylesheet(&self) -> Safe<&str> {
        Safe(&self.resources.mail_stylesheet)
    }
}
