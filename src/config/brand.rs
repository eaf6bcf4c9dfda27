//! Settings of the theme: brand, links, languages and the folder of custom files.

use std::path::PathBuf;

use clap::Args;
use url::Url;

use super::Switch;
use crate::{
    appearance::{BrandSettings, colour::Colour},
    domain::email::Email,
    views::language::Language,
};

/// Maximum length of `BRAND_NAME`, in characters: subjects and titles contain it.
const NAME_CHARACTERS: usize = 60;

#[derive(Debug, Args)]
#[group(id = "brand")]
#[command(next_help_heading = "Brand and languages")]
#[expect(clippy::doc_markdown, reason = "the comments are the text of --help")]
pub(super) struct BrandingSettings {
    /// Name of the service, on pages and in mails, 1 to 60 characters
    #[arg(long, env, value_name = "TEXT", default_value = "Vestibule", value_parser = parse_name)]
    brand_name: String,

    /// Image file displayed beside the name: svg, png, jpg, webp or avif
    #[arg(long, env, value_name = "PATH", value_parser = parse_logo)]
    brand_logo: Option<PathBuf>,

    /// Colour of buttons and links, such as 1f5f5b; adjusted where its contrast is too low
    #[arg(long, env, value_name = "COLOUR", value_parser = str::parse::<Colour>)]
    accent_color: Option<Colour>,

    /// Support address, on pages and in mails
    #[arg(long, env, value_name = "ADDRESS", value_parser = parse_email)]
    support_email: Option<String>,

    /// Login page, linked below the form and after a sign-up
    #[arg(long, env, value_name = "URL", default_value = "/login", value_parser = parse_link)]
    sign_in_url: String,

    /// Home page, linked at the foot of every page
    #[arg(long, env, value_name = "URL", value_parser = parse_link)]
    home_url: Option<String>,

    /// Terms of service, linked at the foot of every page
    #[arg(long, env, value_name = "URL", value_parser = parse_link)]
    terms_url: Option<String>,

    /// Privacy notice, linked at the foot of every page
    #[arg(long, env, value_name = "URL", value_parser = parse_link)]
    privacy_url: Option<String>,

    /// Legal notice (imprint), linked at the foot of every page
    #[arg(long, env, value_name = "URL", value_parser = parse_link)]
    imprint_url: Option<String>,

    /// Require acceptance of the terms of service in the form; needs TERMS_URL
    #[arg(long, env, value_name = "on|off", default_value = "off")]
    terms_consent: Switch,

    /// Available languages, a list of en, de, fr, es, pt-BR, ja, ar; the first one is the default
    #[arg(long, env, value_name = "LIST", value_parser = parse_languages, default_value = "en,de,fr,es,pt-BR,ja,ar")]
    languages: Languages,

    /// Folder with custom.css, images/ and locales/, read at start and on SIGHUP
    #[arg(long, env, value_name = "PATH")]
    custom_dir: Option<PathBuf>,
}

impl BrandingSettings {
    /// # Errors
    /// Conflicting settings, in a line with the fix.
    pub(super) fn check(self) -> Result<BrandSettings, String> {
        let terms_consent = self.terms_consent == Switch::On;
        if terms_consent && self.terms_url.is_none() {
            return Err("TERMS_CONSENT: there is nothing to accept; set TERMS_URL too".into());
        }
        Ok(BrandSettings {
            name: self.brand_name,
            logo: self.brand_logo,
            accent: self.accent_color,
            support_email: self.support_email.unwrap_or_default(),
            sign_in_url: self.sign_in_url,
            home_url: self.home_url.unwrap_or_default(),
            terms_url: self.terms_url.unwrap_or_default(),
            privacy_url: self.privacy_url.unwrap_or_default(),
            imprint_url: self.imprint_url.unwrap_or_default(),
            terms_consent,
            languages: self.languages.0,
            custom_dir: self.custom_dir,
        })
    }
}

/// A list in one value: clap treats a `Vec` as several values.
#[derive(Debug, Clone)]
struct Languages(Vec<Language>);

fn parse_languages(text: &str) -> Result<Languages, String> {
    let mut languages = Vec::new();
    for code in text.split(',').map(str::trim) {
        let known = Language::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(code));
        let language = known.ok_or_else(|| {
            let codes = Language::ALL.map(Language::code);
            format!("use one of {}", codes.join(", "))
        })?;
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    Ok(Languages(languages))
}

fn parse_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let characters = text.chars().count();
    if !(1..=NAME_CHARACTERS).contains(&characters) || text.chars().any(|c| c.is_control() || c == '\u{FDD0}') {
        return Err(format!("use 1 to {NAME_CHARACTERS} characters on one line"));
    }
    Ok(text.to_owned())
}

fn parse_logo(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_file() { Ok(path) } else { Err("not a file; name an image such as /etc/vestibule/logo.svg".into()) }
}

fn parse_email(text: &str) -> Result<String, String> {
    let email = Email::parse(text).map_err(|_| "use an address such as help@example.com".to_owned())?;
    Ok(email.as_str().to_owned())
}

/// An absolute http or https URL, or a path on this host.
fn parse_link(text: &str) -> Result<String, String> {
    let is_path = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
    if is_path && text.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.map(String::from)
        .ok_or_else(|| "use an address such as https://example.com/terms, or a path such as /terms".into())
}
