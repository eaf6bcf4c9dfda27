//! For the machines that watch: is the process alive, can it do its work.

use std::sync::Arc;

use poem::{Response, handler, http::StatusCode, web::Data};
use serde_json::json;

use super::reply;
use crate::app::App;

/// The process answers.
#[handler]
pub fn healthz() -> Response {
    alive()
}

/// The answer of `/healthz`, also while the rest is not there yet.
#[must_use]
pub fn alive() -> Response {
    reply::json(StatusCode::OK, &json!({"status": "ok"}))
}

/// The database answers and is migrated. 503 otherwise, while the process stops, and before it ends because a background task
/// failed again and again.
#[handler]
pub async fn readyz(Data(app): Data<&Arc<App>>) -> Response {
    if app.is_draining() {
        return reply::not_ready("The service is stopping.");
    }
    if app.has_failed() {
        return reply::not_ready("A background task failed again and again; the service ends.");
    }
    match app.check_database().await {
        Ok(()) => reply::json(StatusCode::OK, &json!({"status": "ready"})),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            reply::not_ready("The database does not answer, or is not migrated.")
        }
    }
}
