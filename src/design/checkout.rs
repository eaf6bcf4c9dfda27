//! The checkout that a designer works in.

use std::path::Path;

/// A path as designers know it: from the root of the checkout.
pub fn relative_to_root(path: &str, root: &Path) -> String {
    let path = Path::new(path);
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}
