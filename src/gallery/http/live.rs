//! Live reload of open pages; only while `vestibule design` runs.

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
pub(crate) fn script() -> Response {
    Response::builder().content_type("text/javascript; charset=utf-8").body(SCRIPT)
}

/// Changes as server-sent events; 404 unless `vestibule design` runs.
#[handler]
pub(crate) fn events(Data(app): Data<&Arc<App>>) -> poem::Result<Response> {
    let live_reload = app.site.live_reload.as_ref().ok_or(AppError::NotFound)?;
    Ok(SSE::new(follow(live_reload.subscribe())).into_response())
}

fn follow(mut live: tokio::sync::watch::Receiver<Live>) -> impl Stream<Item = Event> {
    // Sends the current state at once.
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
