//! Health checks: liveness and readiness.

use std::sync::Arc;

use poem::{Response, handler, http::StatusCode, web::Data};
use serde_json::json;

use super::{bodies, reply};
use crate::app::App;

/// Check liveness
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "check_liveness",
    tag = "health",
    responses((status = 200, description = "Alive.", body = bodies::Health))
)]
#[handler]
pub(crate) fn healthz() -> Response {
    alive()
}

/// The response of `/healthz`, also during startup.
#[must_use]
pub(crate) fn alive() -> Response {
    reply::json(StatusCode::OK, &json!({"status": "ok"}))
}

/// Check readiness
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "check_readiness",
    tag = "health",
    responses(
        (status = 200, description = "The database answers and is migrated.", body = bodies::Health,
            example = json!({"status": "ready"})),
        (status = 503, description = "Starting, stopping, or database unavailable.", body = bodies::Detail,
            example = json!({"detail": "The database does not answer, or is not migrated."}))
    )
)]
// Readiness: 200 if the database answers and is migrated. 503 otherwise, during shutdown, and after a background task
// failed repeatedly.
#[handler]
pub(crate) async fn readyz(Data(app): Data<&Arc<App>>) -> Response {
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
