//! Health checks: liveness and readiness.

use std::sync::Arc;

use poem::{Response, handler, http::StatusCode, web::Data};
use serde_json::json;

use super::reply;
use crate::app::App;

/// Liveness: always 200.
#[handler]
pub fn healthz() -> Response {
    alive()
}

/// The response of `/healthz`, also during startup.
#[must_use]
pub fn alive() -> Response {
    reply::json(StatusCode::OK, &json!({"status": "ok"}))
}

/// Readiness: 200 if the database answers and is migrated. 503 otherwise, during shutdown, and after a background task
/// failed repeatedly.
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
