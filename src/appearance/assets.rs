//! Static files: those of `static/`, embedded by `build.rs`, and those read at run time. URLs contain a content hash.

use std::{
    borrow::Cow,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::domain::mac::hex;
use crate::views::files::{is_leftover, media_type};

/// Hexadecimal digits of the content hash in a URL.
const HASH_DIGITS: usize = 16;

/// A static file, plain and compressed.
#[derive(Debug, Clone)]
pub struct Asset {
    /// File name.
    pub name: Cow<'static, str>,
    /// URL path, with the content hash.
    pub url: Cow<'static, str>,
    pub hash: Cow<'static, str>,
    pub content_type: &'static str,
    pub plain: Cow<'static, [u8]>,
    /// Empty if not compressed.
    pub gzip: Cow<'static, [u8]>,
    /// Empty if not compressed.
    pub brotli: Cow<'static, [u8]>,
}

/// Largest file read at run time, in bytes. All files are held in memory.
const MAX_BYTES: u64 = 1024 * 1024;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

impl Asset {
    /// A file read at run time, not compressed.
    #[must_use]
    pub fn new(name: &str, content_type: &'static str, content: Vec<u8>) -> Self {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let stem = stem.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let hash = hash(&content);
        Self {
            name: name.to_owned().into(),
            url: format!("/static/{stem}.{hash}.{extension}").into(),
            hash: hash.into(),
            content_type,
            plain: content.into(),
            gzip: Cow::default(),
            brotli: Cow::default(),
        }
    }

    /// Reads a file with one of these extensions.
    ///
    /// # Errors
    /// Unreadable, over 1 MiB, or another extension.
    pub fn read(path: &Path, endings: &[&str]) -> io::Result<Self> {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let content_type = media_type(ending).filter(|_| endings.contains(&ending)).ok_or_else(|| {
            let known = endings.join(", ");
            io::Error::other(format!("{}: only {known} are served; convert or remove it", path.display()))
        })?;
        let wrong = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let file = fs::metadata(path).map_err(wrong)?;
        if !file.is_file() || file.len() > MAX_BYTES {
            return Err(io::Error::other(format!("{}: not a file, or over 1 MiB: make it smaller", path.display())));
        }
        let content = fs::read(path).map_err(wrong)?;
        Ok(Self::new(name, content_type, content))
    }

    /// Reads every file of a folder.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_folder(folder: &Path, endings: &[&str]) -> io::Result<Vec<Self>> {
        files_of(folder)?.iter().map(|path| Self::read(path, endings)).collect()
    }

    /// The file as a `data:` URL, which saves a request.
    #[must_use]
    pub fn data_url(&self) -> String {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        format!("data:{};base64,{}", self.content_type, STANDARD.encode(&self.plain))
    }
}

/// The files of a folder, sorted, without temporary files of editors.
///
/// # Errors
/// An unreadable folder.
pub(crate) fn files_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.retain(|path| !path.is_dir() && !is_leftover(&path.file_name().unwrap_or_default().to_string_lossy()));
    paths.sort();
    Ok(paths)
}

/// The content hash of a URL.
fn hash(content: &[u8]) -> String {
    hex(&Sha256::digest(content)).chars().take(HASH_DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::files::{ENDINGS, IMAGE_ENDINGS};

    #[test]
    fn a_file_read_at_run_time_has_the_same_url_as_the_embedded_one() {
        let embedded = ASSETS.iter().find(|asset| asset.name == "form.js").expect("form.js");
        let read =
            Asset::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("static/form.js"), &ENDINGS).expect("form.js");
        assert_eq!(
            (read.url, read.hash, read.content_type),
            (embedded.url.clone(), embedded.hash.clone(), embedded.content_type)
        );
    }

    #[test]
    fn a_file_with_another_extension_is_refused() {
        let folder = std::env::temp_dir().join(format!("vestibule-assets-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("page.html"), "<script>").expect("a file");
        let error = Asset::read_folder(&folder, &IMAGE_ENDINGS).expect_err("an error").to_string();
        fs::remove_dir_all(&folder).expect("a folder");
        assert!(error.contains("page.html"), "{error}");
        assert!(error.contains("svg"), "{error}");
    }
}
