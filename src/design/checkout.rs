//! Paths in a designer's checkout.

use std::path::Path;

/// A path relative to the root of the checkout, for messages.
pub(super) fn relative_to_root(path: &str, root: &Path) -> String {
    let path = Path::new(path);
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}
