//! The theme: texts, styles, images and the operator's brand, loaded at start and after each change. A request uses the
//! current [`Theme`].

pub(crate) mod assets;
pub mod colour;
pub mod custom;
pub mod live_reload;
mod mail_styles;
mod preview;
mod render_error;
mod samples;

use std::{
    collections::{BTreeSet, HashMap},
    io,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::NaiveDateTime;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use self::{
    assets::{ASSETS, Asset},
    colour::{Accent, Colour},
    custom::{Custom, stylesheet::Checked, wording},
};
pub use self::{preview::Preview, render_error::RenderError, samples::Samples};
use crate::views::{
    Rendered, View,
    elements::ProofView,
    files::ENDINGS,
    frame::{Brand, Frame, LanguageLink, Link, Resources},
    language::Language,
    texts::{Problem, TextFile, Texts, embedded, read_folder},
};

/// Files of `static/` with a special role.
const STYLESHEET: &str = "app.css";
const MAIL_STYLESHEET: &str = "mail.css";
const ICON: &str = "icon.svg";
/// Largest logo or icon embedded in pages, in bytes.
const INLINE_BYTES: usize = 4096;
/// Percent-encoded characters of a `mailto:` URL.
const MAILTO: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'@');

/// Brand settings.
#[derive(Debug, Clone)]
pub struct BrandSettings {
    pub name: String,
    /// Image file that replaces the default logo.
    pub logo: Option<PathBuf>,
    pub accent: Option<Colour>,
    /// Empty if none, like the URLs below.
    pub support_email: String,
    pub sign_in_url: String,
    pub home_url: String,
    pub terms_url: String,
    pub privacy_url: String,
    pub imprint_url: String,
    /// Whether sign-up requires accepting the terms.
    pub terms_consent: bool,
    /// Offered languages, never empty; the first is the default.
    pub languages: Vec<Language>,
    pub custom_dir: Option<PathBuf>,
}

impl Default for BrandSettings {
    fn default() -> Self {
        Self {
            name: Brand::default().name,
            logo: None,
            accent: None,
            support_email: String::new(),
            sign_in_url: String::new(),
            home_url: String::new(),
            terms_url: String::new(),
            privacy_url: String::new(),
            imprint_url: String::new(),
            terms_consent: false,
            languages: Language::ALL.to_vec(),
            custom_dir: None,
        }
    }
}

/// A loaded theme.
#[derive(Debug)]
pub struct Theme {
    pub settings: BrandSettings,
    pub texts: Arc<Texts>,
    pub brand: Arc<Brand>,
    pub resources: Arc<Resources>,
    /// The complete style sheet of pages.
    pub stylesheet: String,
    /// `style-src` of the Content Security Policy.
    pub style_source: String,
    /// By URL path.
    files: HashMap<String, Asset>,
    /// Files of the previous theme, for pages sent with it.
    former_files: HashMap<String, Asset>,
    preview: Option<Arc<Preview>>,
}

/// Source of the product's own files.
#[derive(Debug, Clone)]
pub enum Source {
    /// Built in.
    Embedded,
    /// Read from a checkout.
    Checkout(Checkout),
}

/// A source folder, read again after each change.
#[derive(Debug, Clone)]
pub struct Checkout {
    pub root: PathBuf,
    /// Renders templates; rebuilt after each edit.
    pub preview: Arc<Preview>,
    /// URL of the live-reload script, with the id of the edit that a page shows.
    pub live_script: String,
}

impl Theme {
    /// Loads and checks all files.
    ///
    /// # Errors
    /// Every problem of `CUSTOM_DIR`, the logo, or the files of a checkout.
    pub fn load(settings: BrandSettings, source: &Source) -> Result<Self, Vec<Problem>> {
        let (own, mut texts) = own_files(source).map_err(|error| vec![unreadable(&error)])?;
        let checkout = match source {
            Source::Embedded => None,
            Source::Checkout(checkout) => Some(checkout),
        };
        if checkout.is_some() {
            let offered = wording::Offered::by(&texts);
            let wrong: Vec<Problem> = texts.iter().flat_map(|file| wording::check(file, &offered, false)).collect();
            if !wrong.is_empty() {
                return Err(wrong);
            }
        }
        let own_sheet = own_stylesheet(&own, STYLESHEET)?;
        let custom = match &settings.custom_dir {
            Some(folder) => Custom::read(folder, &own_sheet.properties, &texts)?,
            None => Custom::default(),
        };
        texts.extend(custom.texts);
        let texts = Texts::build(&texts)?;
        let mail_sheet = own_stylesheet(&own, MAIL_STYLESHEET)?;

        let mut files: HashMap<String, Asset> = HashMap::new();
        for asset in own.into_iter().chain(custom.images) {
            files.insert(asset.name.clone().into_owned(), asset);
        }
        let urls = files.values().map(|asset| (asset.name.to_string(), asset.url.to_string())).collect();
        let mut logo = String::new();
        if let Some(path) = &settings.logo {
            let asset = custom::read_image(path).map_err(|problem| vec![problem])?;
            logo = address(&asset);
            files.insert("BRAND_LOGO".to_owned(), asset);
        }

        let accent = settings.accent.map(Accent::from);
        let mut stylesheet = own_sheet.text;
        stylesheet.push_str(&accent.map(Accent::stylesheet).unwrap_or_default());
        stylesheet.push_str(&custom.stylesheet);
        let icon = files.get(ICON).map(|icon| address(&recoloured(icon, accent))).unwrap_or_default();
        let mail_stylesheet = mail_styles::resolve(&mail_sheet.text, accent);

        let mut resources = Resources { mail_stylesheet, icon, files: urls, ..Resources::default() };
        let style_source = if let Some(checkout) = checkout {
            // Linked, so that a browser can replace it without a page reload.
            let asset = Asset::new(STYLESHEET, "text/css; charset=utf-8", stylesheet.clone().into_bytes());
            resources.stylesheet_url = asset.url.clone().into_owned();
            resources.live_script.clone_from(&checkout.live_script);
            files.insert(STYLESHEET.to_owned(), asset);
            "'self'".to_owned()
        } else {
            resources.stylesheet.clone_from(&stylesheet);
            format!("'sha256-{}'", STANDARD.encode(Sha256::digest(stylesheet.as_bytes())))
        };

        Ok(Self {
            brand: Arc::new(brand(&settings, logo)),
            texts: Arc::new(texts),
            resources: Arc::new(resources),
            stylesheet,
            style_source,
            files: files.into_values().map(|asset| (asset.url.clone().into_owned(), asset)).collect(),
            former_files: HashMap::new(),
            preview: checkout.map(|checkout| Arc::clone(&checkout.preview)),
            settings,
        })
    }

    /// Replaces the renderer and the URL of the live-reload script.
    #[must_use]
    pub fn rendered_by(mut self, preview: Arc<Preview>, live_script: String) -> Self {
        Arc::make_mut(&mut self.resources).live_script = live_script;
        self.preview = Some(preview);
        self
    }

    /// The offered languages.
    #[must_use]
    pub fn languages(&self) -> &[Language] {
        &self.settings.languages
    }

    /// The frame of a page in this language.
    #[must_use]
    pub fn frame(&self, language: Language) -> Frame {
        let offered = self.languages();
        let link = |offered: &Language| LanguageLink { language: *offered, is_current: *offered == language };
        Frame {
            language,
            direction: language.direction(),
            languages: if offered.len() > 1 { offered.iter().map(link).collect() } else { Vec::new() },
            brand: Arc::clone(&self.brand),
            resources: Arc::clone(&self.resources),
            proof: ProofView::default(),
        }
    }

    /// As [`Self::frame`], for developer pages: English, without a language menu.
    #[must_use]
    pub fn frame_in_english(&self) -> Frame {
        Frame { languages: Vec::new(), ..self.frame(Language::English) }
    }

    /// # Errors
    /// An invalid template or text, possible only while it is edited.
    pub fn render<V: View>(&self, view: &V) -> Result<Rendered, RenderError> {
        match &self.preview {
            // Takes about a millisecond, but an edit can make it slow.
            Some(preview) => run_blocking(|| preview.render(view)),
            None => view.render(&self.texts).map_err(|error| RenderError(error.to_string())),
        }
    }

    /// Every static file.
    pub fn files(&self) -> impl Iterator<Item = &Asset> {
        self.files.values()
    }

    /// The static file at this URL path.
    #[must_use]
    pub fn file(&self, url: &str) -> Option<&Asset> {
        self.files.get(url).or_else(|| self.former_files.get(url))
    }
}

/// Static files and texts of the product.
fn own_files(source: &Source) -> io::Result<(Vec<Asset>, Vec<TextFile>)> {
    match source {
        Source::Embedded => Ok((ASSETS.to_vec(), embedded())),
        Source::Checkout(Checkout { root, .. }) => {
            Ok((Asset::read_folder(&root.join("static"), &ENDINGS)?, read_folder(&root.join("locales"))?))
        }
    }
}

fn unreadable(error: &io::Error) -> Problem {
    Problem { file: "static, locales".to_owned(), line: 1, advice: error.to_string() }
}

/// URL of an image: `data:` for small ones, which saves a request.
fn address(image: &Asset) -> String {
    if image.plain.len() <= INLINE_BYTES { image.data_url() } else { image.url.clone().into_owned() }
}

/// A style sheet of `static/`, with `url(NAME)` resolved to other files there.
fn own_stylesheet(own: &[Asset], name: &str) -> Result<Checked, Vec<Problem>> {
    let file = format!("static/{name}");
    let wrong = |line, advice: String| Problem { file: file.clone(), line, advice };
    let sheet = own.iter().find(|asset| asset.name == name);
    let sheet = sheet.ok_or_else(|| vec![wrong(1, "file not found".into())])?;
    let text = std::str::from_utf8(&sheet.plain).map_err(|_| vec![wrong(1, "save it as UTF-8".into())])?;
    let urls = own.iter().map(|asset| (asset.name.to_string(), asset.url.to_string())).collect();
    let checked = custom::stylesheet::check(text, &urls, &BTreeSet::new());
    checked.map_err(|wrongs| wrongs.into_iter().map(|(line, advice)| wrong(line, advice)).collect())
}

/// The icon in the operator's accent instead of the default one.
fn recoloured(icon: &Asset, accent: Option<Accent>) -> Asset {
    let mut icon = icon.clone();
    if let Some(accent) = accent {
        let drawing = String::from_utf8_lossy(&icon.plain).into_owned();
        let drawing =
            drawing.replace("#1f5f5b", &accent.light.to_string()).replace("#8fd3c8", &accent.dark.to_string());
        icon.plain = drawing.into_bytes().into();
    }
    icon
}

fn brand(settings: &BrandSettings, logo: String) -> Brand {
    let mailto = match settings.support_email.as_str() {
        "" => String::new(),
        // A `?` would begin the query.
        address => format!("mailto:{}", utf8_percent_encode(address, MAILTO)),
    };
    let links = [
        ("link-home", settings.home_url.clone()),
        ("link-terms", settings.terms_url.clone()),
        ("link-privacy", settings.privacy_url.clone()),
        ("link-imprint", settings.imprint_url.clone()),
        ("link-support", mailto),
    ];
    let links = links.into_iter().filter(|(_, href)| !href.is_empty());
    Brand {
        name: settings.name.clone(),
        logo,
        support_email: settings.support_email.clone(),
        sign_in_url: settings.sign_in_url.clone(),
        terms_url: settings.terms_url.clone(),
        links: links.map(|(label, href)| Link { label: label.into(), href }).collect(),
    }
}

/// The current theme; replaced as a whole when files change.
#[derive(Debug, Clone)]
pub struct SharedTheme(Arc<RwLock<Arc<Theme>>>);

impl SharedTheme {
    #[must_use]
    pub fn new(theme: Theme) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(theme))))
    }

    #[must_use]
    pub fn current(&self) -> Arc<Theme> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn replace(&self, mut theme: Theme) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        theme.former_files.clone_from(&current.files);
        *current = Arc::new(theme);
    }
}

/// A UTC time in the format of pages and mails, for every language.
#[must_use]
pub fn moment(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Blocks without delaying other requests; also works outside a runtime.
fn run_blocking<T>(work: impl FnOnce() -> T) -> T {
    match tokio::runtime::Handle::try_current() {
        Ok(_) => tokio::task::block_in_place(work),
        Err(_) => work(),
    }
}
