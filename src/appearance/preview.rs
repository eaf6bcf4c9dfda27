//! Templates as they were saved last: a small program, built anew after each edit, renders them for this one
//! (`views/src/preview.rs`). Only `vestibule design` uses it.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use serde_json::json;

use crate::views::{Rendered, View};

/// The program that renders; it ends with this.
#[derive(Debug)]
pub struct Preview(Mutex<Renderer>);

#[derive(Debug)]
struct Renderer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// Why there is no picture of a view.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// In words for designers.
    #[error("{0}")]
    Template(String),
    #[error("the program that renders templates stopped: {0}")]
    Stopped(#[from] io::Error),
}

impl Preview {
    /// Starts the program with these folders of texts; later ones override earlier ones.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(program: &Path, texts: &[PathBuf]) -> io::Result<Self> {
        let mut child = Command::new(program).args(texts).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("no pipes"));
        };
        Ok(Self(Mutex::new(Renderer { child, input, output: BufReader::new(output) })))
    }

    /// # Errors
    /// A text or file that is not there, or the program's end.
    pub fn render<V: View>(&self, view: &V) -> Result<Rendered, PreviewError> {
        let fields = serde_json::to_string(view).map_err(io::Error::from)?;
        let request = json!({"view": V::NAME, "fields": fields});
        let mut renderer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(renderer.input, "{request}")?;
        renderer.input.flush()?;
        let mut line = String::new();
        renderer.output.read_line(&mut line)?;
        match serde_json::from_str(&line).map_err(io::Error::from)? {
            Answer::Rendered(shown) => Ok(shown),
            Answer::Failed(words) => Err(PreviewError::Template(words)),
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Rendered(Rendered),
    Failed(String),
}

impl Drop for Renderer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
