//! The renderer process of `vestibule design`, which rebuilds it after each edit and sends it every view to render;
//! [`PreviewAnswer`] describes the protocol. The arguments are the folders of texts; later ones override earlier ones.

use std::{
    env,
    io::{self, BufRead as _, Write as _},
    path::Path,
    sync::Arc,
};

use vestibule_views::{
    PreviewAnswer, render_json,
    texts::{Texts, read_folder},
};

fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    let mut answer = |answer: &PreviewAnswer| {
        let mut line = serde_json::to_string(answer)?;
        line.push('\n');
        output.write_all(line.as_bytes())?;
        output.flush()
    };
    let texts = match texts() {
        Ok(texts) => Arc::new(texts.strict()),
        Err(message) => return answer(&PreviewAnswer::Failed(message)),
    };
    answer(&PreviewAnswer::Ready)?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (view, fields) = line.split_once(' ').unwrap_or((&line, ""));
        answer(&render_json(view, fields, &texts))?;
    }
    Ok(())
}

fn texts() -> Result<Texts, String> {
    let mut files = Vec::new();
    for folder in env::args().skip(1) {
        files.extend(read_folder(Path::new(&folder)).map_err(|error| error.to_string())?);
    }
    Texts::build(&files).map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}
