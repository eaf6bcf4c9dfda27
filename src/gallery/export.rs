//! Export of the gallery as files, for viewing without a server, pull requests and checks.
//!
//! ```text
//! index.html                          every state in every language, as links
//! LANGUAGE/VIEW.STATE.html            a page, or a mail's HTML part
//! LANGUAGE/VIEW.STATE.{txt,eml}       a mail's text part, and the whole mail
//! LANGUAGE/SCHEME/VIEW.STATE.html     the same in a forced colour scheme
//! static/                             files that the pages load
//! states.json                         the list as JSON
//! ```

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use askama::Template;
use serde_json::json;

use super::{ColorScheme, State, ViewOptions, raw_mail, render, states};
use crate::{
    appearance::{RenderError, Theme},
    mail::{self, ComposeError},
    views::{Rendered, language::Language},
};

/// A failed export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("{0}: {1}")]
    Write(PathBuf, io::Error),
    #[error("{0}/{1}: {2}")]
    Render(&'static str, &'static str, RenderError),
    #[error("{0}/{1}: {2}")]
    Compose(&'static str, &'static str, ComposeError),
    #[error("the index: {0}")]
    Index(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "gallery/export.html")]
struct Index<'a> {
    brand: &'a str,
    languages: Vec<Language>,
    states: &'a [State],
}

/// Writes every state in every language and the pseudo-language. Returns the number of states.
///
/// # Errors
/// Each [`ExportError`].
pub fn export(theme: &Theme, out: &Path) -> Result<usize, ExportError> {
    let languages: Vec<Language> = Language::ALL.into_iter().chain([Language::Pseudo]).collect();
    let mut written = 0;
    for language in &languages {
        let translated = |state: &State| state.is_translated || *language == Language::English;
        for state in states().iter().copied().filter(translated) {
            let options = ViewOptions { language: *language, direction: None };
            let rendered =
                render(theme, state, options).map_err(|error| ExportError::Render(state.view, state.name, error))?;
            write_state(out, &theme.brand.name, *language, state, &rendered)?;
            written += 1;
        }
    }
    for asset in theme.files() {
        write(&out.join(asset.url.trim_start_matches('/')), &asset.plain)?;
    }
    let index = Index { brand: &theme.brand.name, languages: languages.clone(), states: states() };
    write(&out.join("index.html"), index.render()?.as_bytes())?;
    let list = states().iter().map(|state| {
        json!({"view": state.view, "state": state.name, "mail": state.is_mail, "translated": state.is_translated})
    });
    let codes: Vec<&str> = languages.iter().map(|language| language.code()).collect();
    let list = json!({"languages": codes, "states": list.collect::<Vec<_>>()});
    write(&out.join("states.json"), list.to_string().as_bytes())?;
    Ok(written)
}

fn write_state(
    out: &Path,
    brand: &str,
    language: Language,
    state: State,
    rendered: &Rendered,
) -> Result<(), ExportError> {
    let folder = out.join(language.code());
    let name = format!("{}.{}", state.view, state.name);
    let compose = |error| ExportError::Compose(state.view, state.name, error);
    let html = match rendered {
        Rendered::Page(html) => html.clone(),
        Rendered::Mail(content) => {
            write(&folder.join(format!("{name}.txt")), content.text.as_bytes())?;
            let raw = raw_mail(content, brand).map_err(compose)?;
            write(&folder.join(format!("{name}.eml")), &raw)?;
            mail::inline_styles(&content.html).map_err(compose)?
        }
    };
    write(&folder.join(format!("{name}.html")), relative(&html, "../").as_bytes())?;
    for scheme in [ColorScheme::Light, ColorScheme::Dark] {
        let html = relative(&scheme.apply(&html), "../../");
        write(&folder.join(scheme.code()).join(format!("{name}.html")), html.as_bytes())?;
    }
    Ok(())
}

/// Makes URLs of static files relative, since exported pages are opened as files.
fn relative(html: &str, up: &str) -> String {
    html.replace("\"/static/", &format!("\"{up}static/")).replace("url(/static/", &format!("url({up}static/"))
}

fn write(path: &Path, content: &[u8]) -> Result<(), ExportError> {
    let wrong = |error| ExportError::Write(path.to_owned(), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(wrong)?;
    }
    fs::write(path, content).map_err(wrong)
}
