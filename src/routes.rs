//! The route table and the order of the middleware.

use std::sync::Arc;

use poem::{Endpoint, EndpointExt as _, Response, Route};

use crate::{
    app::App,
    config::Environment,
    gallery::http,
    web::{
        account, account_api, account_export, cookies, docs, health, host, login, methods::Resource, password_reset,
        registration, registration_api, static_files, verification,
    },
};

/// All routes. A request passes, from the outside: [`crate::web::edge`] (request id, log line, response format of
/// errors, security headers), the host check, cookies, the route table.
pub(crate) fn routes(app: Arc<App>) -> impl Endpoint<Output = Response> {
    let mut table = Route::new()
        // People
        .at("/", Resource::new().get(registration::home))
        .at("/register", Resource::new().get(registration::show).post(registration::submit))
        .at("/welcome", Resource::new().get(registration::welcome))
        .at("/verify-email", Resource::new().get(verification::show).post(verification::submit))
        .at("/verify-email/resend", Resource::new().get(verification::back).post(verification::resend))
        .at("/login", Resource::new().get(login::show).post(login::submit))
        .at("/logout", Resource::new().post(login::logout))
        .at("/forgot-password", Resource::new().get(password_reset::show_forgot).post(password_reset::forgot))
        .at("/reset-password", Resource::new().get(password_reset::show).post(password_reset::submit))
        .at("/account", Resource::new().get(account::show))
        .at("/account/profile", Resource::new().get(account::back).post(account::profile))
        .at("/account/email", Resource::new().get(account::back).post(account::email))
        .at("/account/password", Resource::new().get(account::back).post(account::password))
        .at("/account/sessions/revoke", Resource::new().get(account::back).post(account::revoke_sessions))
        .at("/account/export", Resource::new().get(account_export::download))
        .at("/account/delete", Resource::new().get(account::back).post(account::delete))
        .at("/account/deleted", Resource::new().get(account::deleted))
        .at("/.well-known/change-password", Resource::new().get(account::change_password))
        .at("/static/:name", Resource::new().get(static_files::serve))
        // Programs
        .at("/users", Resource::new().post(registration_api::by_username))
        .at("/api/v1/users/register", Resource::new().post(registration_api::by_email))
        .at("/api/v1/login/access-token", Resource::new().post(login::access_token))
        .at("/api/v1/session", Resource::new().get(account_api::forward_auth))
        .at(
            "/api/v1/users/me",
            Resource::new().get(account_api::me).patch(account_api::update).delete(account_api::delete),
        )
        .at(
            "/api/v1/users/me/sessions",
            Resource::new().get(account_api::sessions).delete(account_api::revoke_other_sessions),
        )
        .at("/api/v1/users/me/sessions/:id", Resource::new().delete(account_api::revoke_session))
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
            .at("/_gallery", Resource::new().get(http::show_sheet))
            .at("/_gallery/gallery.css", Resource::new().get(http::styles))
            .at("/_gallery/live.js", Resource::new().get(http::live::script))
            .at("/_gallery/events", Resource::new().get(http::live::events))
            .at("/_gallery/:view/:state", Resource::new().get(http::show_state))
            .at("/_gallery/:view/:state/page", Resource::new().get(http::show_page));
    }

    table.around(cookies::bridge).around(host::check).data(app)
}
