//! What tells open pages of a designer's edits; only while `vestibule design` runs.

use std::sync::Arc;

use futures_util::{Stream, stream};
use poem::{
    IntoResponse as _, Response, handler,
    web::{
        Data,
        sse::{Event, SSE},
    },
};

use crate::{app::App, appearance::live_reload::Live, web::error::AppError};

const SCRIPT: &str = include_str!("../../../static/gallery/live.js");

#[handler]
pub fn script() -> Response {
    Response::builder().content_type("text/javascript; charset=utf-8").body(SCRIPT)
}

/// What changes, as it changes (server-sent events); only while `vestibule design` runs.
#[handler]
pub fn events(Data(app): Data<&Arc<App>>) -> poem::Result<Response> {
    let live_reload = app.site.live_reload.as_ref().ok_or(AppError::NotFound)?;
    Ok(SSE::new(follow(live_reload.subscribe())).into_response())
}

fn follow(mut live: tokio::sync::watch::Receiver<Live>) -> impl Stream<Item = Event> {
    // The state of the moment comes at once.
    live.mark_changed();
    stream::unfold(live, |mut live| async move {
        live.changed().await.ok()?;
        let now = live.borrow_and_update().clone();
        if now.is_over {
            return None;
        }
        Some((Event::message(now.event), live))
    })
}
