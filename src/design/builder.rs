//! Builds the template renderer.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use super::mistakes::Mistake;

/// Builds the renderer and returns its path.
///
/// # Errors
/// The first error in a template, or a failure to run cargo.
pub(super) fn build(root: &Path) -> Result<PathBuf, Mistake> {
    let failure = |message: String| Mistake::new("views/Cargo.toml", 1, message);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // A separate target folder avoids waiting for another build's lock.
    let output = Command::new(cargo)
        .current_dir(root)
        .args(["build", "--quiet", "--package", "vestibule-views", "--bin", "vestibule-preview", "--profile", "design"])
        .args(["--target-dir", "target/design", "--message-format", "json"])
        .output()
        .map_err(|error| failure(format!("cargo could not be run ({error}): install Rust, see the README")))?;
    let messages: Vec<Value> =
        output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    if output.status.success() {
        let program = messages.iter().find_map(|message| message.get("executable")?.as_str());
        return program.map(PathBuf::from).ok_or_else(|| failure("cargo reported no executable".into()));
    }
    let first = messages
        .iter()
        .filter(|message| message.get("reason").and_then(Value::as_str) == Some("compiler-message"))
        .filter_map(|message| message.get("message"))
        .find(|message| message.get("level").and_then(Value::as_str) == Some("error"));
    Err(match first {
        Some(message) => Mistake::of_compiler(message, root),
        None => failure(String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or("cargo failed").to_owned()),
    })
}

/// The renderer of the last successful build.
pub(super) fn built_before(root: &Path) -> Option<PathBuf> {
    Some(root.join("target/design/design/vestibule-preview")).filter(|program| program.is_file())
}
