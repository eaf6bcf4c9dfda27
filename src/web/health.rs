//! For the machines that watch: is the process alive, can it do its work.

use std::sync::Arc;

use poem::{Response, handler, http::StatusCode, web::Data};
use serde_json::json;

use super::{error::AppError, reply};
use crate::app::App;

/// The process answers.
#[handler]
pub fn healthz() -> Response {
    reply::json(StatusCode::OK, &json!({"status": "ok"}))
}

/// The database answers and is migrated. 503 otherwise, and while the process stops.
#[handler]
pub async fn readyz(Data(app): Data<&Arc<App>>) -> poem::Result<Response> {
    if app.is_draining() {
        return Err(AppError::Busy("draining".into()).into());
    }
    // Whatever is wrong: it is not ready, and that may pass.
    app.database.check().await.map_err(|error| AppError::Busy(error.to_string()))?;
    Ok(reply::json(StatusCode::OK, &json!({"status": "ready"})))
}
