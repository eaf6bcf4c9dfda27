//! Renders views for a running Vestibule, so that an edited template shows without a restart: `vestibule design` builds
//! this program anew after each edit and hands it every view it has to show.
//!
//! One request a line on standard input, one answer a line on standard output, both JSON. The arguments are the folders
//! of texts, later ones overriding earlier ones.

use std::{
    env,
    io::{self, BufRead as _, Write as _},
    path::Path,
    process::ExitCode,
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use vestibule_views::{
    PreviewError, Rendered, render_json,
    texts::{Texts, embedded, read_folder},
};

#[derive(Deserialize)]
struct Request {
    view: String,
    /// The view's fields, as JSON.
    fields: String,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Rendered(Rendered),
    /// What is wrong, in words for designers.
    Failed(String),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut files = embedded();
    for folder in env::args().skip(1) {
        files.extend(read_folder(Path::new(&folder))?);
    }
    let texts = Texts::build(&files)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let texts = Arc::new(texts);
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let request: Request = serde_json::from_str(&line?)?;
        let answer = match render_json(&request.view, &request.fields, &texts) {
            Ok(rendered) => Answer::Rendered(rendered),
            Err(PreviewError::Template(error)) => Answer::Failed(error.to_string()),
            Err(PreviewError::Fields(error)) => Answer::Failed(format!(
                "the fields of this page were changed in views/src ({error}): stop and start again"
            )),
            Err(PreviewError::Unknown) => Answer::Failed("there is no such view any more: stop and start again".into()),
        };
        serde_json::to_writer(&mut output, &answer)?;
        output.write_all(b"\n")?;
        output.flush()?;
    }
    Ok(())
}
