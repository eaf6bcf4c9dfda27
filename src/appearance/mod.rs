//! How the service looks and what it says: texts, styles, images and the operator's brand, put together once and again
//! whenever they change. Requests take the [`Theme`] of their moment.

pub mod assets;
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

/// The style sheet of pages, the one of mails and the icon are files of `static/` like all others.
const STYLESHEET: &str = "app.css";
const MAIL_STYLESHEET: &str = "mail.css";
const ICON: &str = "icon.svg";
/// Up to this size in bytes a logo or icon stands in the page itself.
const INLINE_BYTES: usize = 4096;
/// What is written in other characters in a `mailto:` address.
const MAILTO: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'@');

/// What the operator chose.
#[derive(Debug, Clone)]
pub struct BrandSettings {
    pub name: String,
    /// A file, shown in place of the mark.
    pub logo: Option<PathBuf>,
    pub accent: Option<Colour>,
    /// Empty: none; so with all addresses here.
    pub support_email: String,
    pub sign_in_url: String,
    pub home_url: String,
    pub terms_url: String,
    pub privacy_url: String,
    pub imprint_url: String,
    /// Whether the form asks to accept the terms of service.
    pub terms_consent: bool,
    /// Those offered, the first one where nothing else decides; never empty.
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

/// The theme and the words of one moment.
#[derive(Debug)]
pub struct Theme {
    pub settings: BrandSettings,
    pub texts: Arc<Texts>,
    pub brand: Arc<Brand>,
    pub resources: Arc<Resources>,
    /// The whole style sheet, wherever it stands.
    pub stylesheet: String,
    /// What stands after `style-src` in the security policy.
    pub style_source: String,
    /// By address.
    files: HashMap<String, Asset>,
    /// Those of the theme before, for pages that were sent with it.
    former_files: HashMap<String, Asset>,
    preview: Option<Arc<Preview>>,
}

/// Where our own files come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Those that were built in.
    Embedded,
    /// Those of a checkout, as they were saved last.
    Checkout(Checkout),
}

/// A folder with our own files, read anew at each change.
#[derive(Debug, Clone)]
pub struct Checkout {
    pub root: PathBuf,
    /// Renders templates; built anew after each edit.
    pub preview: Arc<Preview>,
    /// The script that shows edits, by the address that names the edit a page was made with.
    pub live_script: String,
}

impl Theme {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// Everything that is wrong with `CUSTOM_DIR`, the logo, or the files of a checkout.
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
            // Linked, so that a browser can take the new one without loading the page again.
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

    /// The same, rendered by another program, with the script that names another edit.
    #[must_use]
    pub fn rendered_by(mut self, preview: Arc<Preview>, live_script: String) -> Self {
        Arc::make_mut(&mut self.resources).live_script = live_script;
        self.preview = Some(preview);
        self
    }

    /// The languages that visitors may choose.
    #[must_use]
    pub fn languages(&self) -> &[Language] {
        &self.settings.languages
    }

    /// What every page in this language stands in.
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

    /// As [`Self::frame`], for what is for programmers: in English, and with no other language to choose.
    #[must_use]
    pub fn frame_in_english(&self) -> Frame {
        Frame { languages: Vec::new(), ..self.frame(Language::English) }
    }

    /// # Errors
    /// A template or a text is broken, which only happens while somebody edits it.
    pub fn render<V: View>(&self, view: &V) -> Result<Rendered, RenderError> {
        match &self.preview {
            // The other program answers in a millisecond, but it may be an edit that makes it slow.
            Some(preview) => off_the_workers(|| preview.render(view)),
            None => view.render(&self.texts).map_err(|error| RenderError(error.to_string())),
        }
    }

    /// Every file that is served.
    pub fn files(&self) -> impl Iterator<Item = &Asset> {
        self.files.values()
    }

    /// The file that is served at this address.
    #[must_use]
    pub fn file(&self, url: &str) -> Option<&Asset> {
        self.files.get(url).or_else(|| self.former_files.get(url))
    }
}

/// Our files and our texts.
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

/// Small images stand in the page itself, which saves a request.
fn address(image: &Asset) -> String {
    if image.plain.len() <= INLINE_BYTES { image.data_url() } else { image.url.clone().into_owned() }
}

/// One of our style sheets, which names other files of `static/` as `url(NAME)`.
fn own_stylesheet(own: &[Asset], name: &str) -> Result<Checked, Vec<Problem>> {
    let file = format!("static/{name}");
    let wrong = |line, advice: String| Problem { file: file.clone(), line, advice };
    let sheet = own.iter().find(|asset| asset.name == name);
    let sheet = sheet.ok_or_else(|| vec![wrong(1, "it is not there".into())])?;
    let text = std::str::from_utf8(&sheet.plain).map_err(|_| vec![wrong(1, "save it as UTF-8".into())])?;
    let urls = own.iter().map(|asset| (asset.name.to_string(), asset.url.to_string())).collect();
    let checked = custom::stylesheet::check(text, &urls, &BTreeSet::new());
    checked.map_err(|wrongs| wrongs.into_iter().map(|(line, advice)| wrong(line, advice)).collect())
}

/// The icon in the operator's colour; `static/icon.svg` holds ours.
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
        // A mark such as `?` in it would begin something else.
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

/// The theme that requests take; replaced as a whole when files change.
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

/// A moment as people read it, in every language; it is UTC.
#[must_use]
pub fn moment(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Blocks without holding up other requests, also where there is no runtime.
fn off_the_workers<T>(work: impl FnOnce() -> T) -> T {
    match tokio::runtime::Handle::try_current() {
        Ok(_) => tokio::task::block_in_place(work),
        Err(_) => work(),
    }
}
