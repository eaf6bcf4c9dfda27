//! The whole URL table, and the order in which a request passes what stands before it.

use std::sync::Arc;

use poem::{Endpoint, EndpointExt as _, Response, Route};

use crate::{
    app::App,
    config::Environment,
    web::{cookies, docs, gallery, health, host, methods::Resource, registration, registration_api, static_files},
};

/// Every address this service answers. A request passes, from the outside: [`crate::web::edge`] (request id, log line,
/// the face of errors, security headers), the host check, cookies, the table.
pub fn routes(app: Arc<App>) -> impl Endpoint<Output = Response> {
    let mut table = Route::new()
        // People
        .at("/", Resource::new().get(registration::home))
        .at("/register", Resource::new().get(registration::show).post(registration::submit))
        .at("/welcome", Resource::new().get(registration::welcome))
        .at("/static/:name", Resource::new().get(static_files::serve))
        // Programs
        .at("/users", Resource::new().post(registration_api::by_username))
        .at("/api/v1/users/register", Resource::new().post(registration_api::by_email))
        .at("/openapi.json", Resource::new().get(docs::openapi_json))
        .at("/docs", Resource::new().get(docs::show))
        // Operators
        .at("/healthz", Resource::new().get(health::healthz))
        .at("/readyz", Resource::new().get(health::readyz));

    if app.site.environment == Environment::Local {
        for path in ["/api/v1/private/users", "/api/v1/private/users/"] {
            table = table.at(path, Resource::new().post(registration_api::private));
        }
        // Designers
        table = table
            .at("/_gallery", Resource::new().get(gallery::show_sheet))
            .at("/_gallery/gallery.css", Resource::new().get(gallery::styles))
            .at("/_gallery/live.js", Resource::new().get(gallery::live::script))
            .at("/_gallery/events", Resource::new().get(gallery::live::events))
            .at("/_gallery/:view/:state", Resource::new().get(gallery::show_state))
            .at("/_gallery/:view/:state/page", Resource::new().get(gallery::show_page));
    }

    table.around(cookies::bridge).around(host::check).data(app)
}
