//! Renders templates in a child process (`views/src/preview.rs`) that is rebuilt after each edit. Only `vestibule
//! design` uses it.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use super::render_error::RenderError;
use crate::views::{PreviewAnswer, Rendered, View};

/// The renderer process; killed on drop.
#[derive(Debug)]
pub struct Preview {
    program: PathBuf,
    /// Folders of texts; later ones override earlier ones.
    texts: Vec<PathBuf>,
    /// `None` after it ended: the next request restarts it.
    renderer: Mutex<Option<Renderer>>,
}

#[derive(Debug)]
struct Renderer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Preview {
    /// Starts the process and waits until it has loaded the texts.
    ///
    /// # Errors
    /// It cannot be started, or the texts are invalid.
    pub fn start(program: &Path, texts: &[PathBuf]) -> Result<Self, RenderError> {
        let preview = Self { program: program.to_owned(), texts: texts.to_owned(), renderer: Mutex::new(None) };
        let renderer = preview.renderer()?;
        *preview.renderer.lock().unwrap_or_else(PoisonError::into_inner) = Some(renderer);
        Ok(preview)
    }

    fn renderer(&self) -> Result<Renderer, RenderError> {
        let stopped = |error: io::Error| RenderError(format!("failed to start the template renderer: {error}"));
        let mut command = Command::new(&self.program);
        let mut child =
            command.args(&self.texts).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(stopped)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(stopped(io::Error::other("no pipes")));
        };
        let mut renderer = Renderer { child, input, output: BufReader::new(output) };
        match renderer.answer().map_err(stopped)? {
            PreviewAnswer::Failed(message) => Err(RenderError(message)),
            PreviewAnswer::Ready | PreviewAnswer::Rendered(_) => Ok(renderer),
        }
    }

    /// # Errors
    /// A missing text or file, or a process that ended twice.
    pub fn render<V: View>(&self, view: &V) -> Result<Rendered, RenderError> {
        let fields = serde_json::to_string(view).map_err(|error| RenderError(error.to_string()))?;
        let request = format!("{} {fields}\n", V::NAME);
        // Taken out, so that an ended process is not used again.
        let mut place = self.renderer.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..2 {
            let mut renderer = match place.take() {
                Some(renderer) => renderer,
                None => self.renderer()?,
            };
            let Ok(answer) = renderer.ask(&request) else { continue };
            *place = Some(renderer);
            return match answer {
                PreviewAnswer::Rendered(shown) => Ok(shown),
                PreviewAnswer::Failed(message) => Err(RenderError(message)),
                PreviewAnswer::Ready => Err(RenderError("unexpected answer of the template renderer".into())),
            };
        }
        Err(RenderError(format!("the template renderer ended while rendering “{}”", V::NAME)))
    }
}

impl Renderer {
    fn ask(&mut self, request: &str) -> io::Result<PreviewAnswer> {
        self.input.write_all(request.as_bytes())?;
        self.input.flush()?;
        self.answer()
    }

    fn answer(&mut self) -> io::Result<PreviewAnswer> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Renderer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
