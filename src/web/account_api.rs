//! The account API: profile, settings, sessions and forward auth.

use std::sync::Arc;

use poem::{
    Response, handler,
    http::{HeaderName, HeaderValue, StatusCode},
    web::{Data, Path},
};

use super::{
    account_bodies::{self, Me, SessionBody},
    bodies,
    client::Client,
    common_errors,
    cookies::{Jar, PageCookies},
    error::AppError,
    reply::{self, EMAIL_TEXTS},
    request_context::RequestContext,
    session::Member,
    submission::JsonSubmission,
};
use crate::{
    accounts::{
        account_changes::Changes,
        rejection::Rejection,
        sessions::{SignedIn, Which},
    },
    app::App,
    domain::field_error::Field,
};

const USER_ID: HeaderName = HeaderName::from_static("x-user-id");
const USER_EMAIL: HeaderName = HeaderName::from_static("x-user-email");

/// Get the account
#[utoipa::path(
    get,
    path = "/api/v1/users/me",
    operation_id = "get_account",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 200, description = "The account.", body = account_bodies::Me),
        (status = 401, description = "Not signed in.", body = bodies::Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = bodies::Detail),
        (status = 500, description = "Internal error, with a request id.", body = bodies::Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = bodies::Detail)
    )
)]
#[handler]
pub(crate) async fn me(Data(app): Data<&Arc<App>>, Member(signed_in): Member) -> poem::Result<Response> {
    Ok(reply::json(StatusCode::OK, &describe(app, &signed_in).await?))
}

/// Update the account
///
/// Applies all changes or none.
#[utoipa::path(
    patch,
    path = "/api/v1/users/me",
    operation_id = "update_account",
    tag = "accounts",
    request_body = account_bodies::AccountChanges,
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 200, description = "The updated account.", body = account_bodies::Me),
        (status = 401, description = "Not signed in.", body = bodies::Detail, example = json!({"detail": "Not authenticated"})),
        (status = 422, description = "The input is invalid or the body cannot be read; nothing is changed.",
            body = bodies::FastApiErrors),
        (status = 501, description = "No mail server is configured.", body = bodies::Detail),
        common_errors::CommonErrors
    )
)]
// `PATCH /api/v1/users/me`: absent members stay unchanged; `full_name` may be `null`.
#[handler]
pub(crate) async fn update(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    PageCookies(cookies): PageCookies,
    Member(mut signed_in): Member,
    JsonSubmission(mut submission): JsonSubmission,
) -> poem::Result<Response> {
    let has_full_name = submission.has(Field::FullName);
    let full_name = submission.text(Field::FullName.name())?;
    let changes = Changes {
        full_name: has_full_name.then(|| full_name.unwrap_or_default()),
        email: submission.text(Field::Email.name())?,
        password: submission.secret(Field::Password)?,
        current: submission.secret(Field::CurrentPassword)?,
    };
    let updated = match app.accounts.update(&signed_in, changes, &client).await {
        Ok(updated) => updated,
        Err(Rejection::Input(errors)) => return Ok(reply::refused(&errors, EMAIL_TEXTS, context, &app.site)),
        Err(other) => return Err(AppError::from(other).into()),
    };
    let body = async {
        if let Some(account) = app.accounts.reload(&signed_in).await? {
            signed_in.user = account;
        }
        describe(app, &signed_in).await
    };
    let mut response = match body.await {
        Ok(mut body) => {
            body.pending_email = updated.pending_email.or(body.pending_email);
            reply::json(StatusCode::OK, &body)
        }
        // The change is committed; only reading it back failed.
        Err(AppError::Busy { cause, .. }) => AppError::Uncertain(cause).into_response(context, "", &app.site),
        Err(error) => return Err(error.into()),
    };
    if let Some(token) = &updated.token {
        super::session::set(&mut response, token, app);
        Jar { cookies: &cookies, app }.set_devices(&updated.devices);
    }
    Ok(response)
}

/// Delete the account
#[utoipa::path(
    delete,
    path = "/api/v1/users/me",
    operation_id = "delete_account",
    tag = "accounts",
    request_body = account_bodies::Confirmation,
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "Account deleted."),
        (status = 401, description = "Not signed in.", body = bodies::Detail, example = json!({"detail": "Not authenticated"})),
        (status = 422, description = "The input is invalid or the body cannot be read; nothing is changed.",
            body = bodies::FastApiErrors),
        common_errors::CommonErrors
    )
)]
// `DELETE /api/v1/users/me`. The request is the confirmation.
#[handler]
pub(crate) async fn delete(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    Member(signed_in): Member,
    JsonSubmission(mut submission): JsonSubmission,
) -> poem::Result<Response> {
    let current = submission.secret(Field::CurrentPassword)?;
    match app.accounts.delete_account(&signed_in, current, true, &client).await {
        Ok(()) => Ok(reply::no_content()),
        Err(Rejection::Input(errors)) => Ok(reply::refused(&errors, EMAIL_TEXTS, context, &app.site)),
        Err(other) => Err(AppError::from(other).into()),
    }
}

/// List sessions
#[utoipa::path(
    get,
    path = "/api/v1/users/me/sessions",
    operation_id = "list_sessions",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 200, description = "The current session first, then by last use, newest first.",
            body = Vec<account_bodies::SessionBody>),
        (status = 401, description = "Not signed in.", body = bodies::Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = bodies::Detail),
        (status = 500, description = "Internal error, with a request id.", body = bodies::Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = bodies::Detail)
    )
)]
#[handler]
pub(crate) async fn sessions(Data(app): Data<&Arc<App>>, Member(signed_in): Member) -> poem::Result<Response> {
    let sessions = app.accounts.sessions(&signed_in).await.map_err(AppError::from)?;
    let sessions: Vec<SessionBody> = sessions.into_iter().map(SessionBody::from).collect();
    Ok(reply::json(StatusCode::OK, &sessions))
}

/// Revoke a session
#[utoipa::path(
    delete,
    path = "/api/v1/users/me/sessions/{id}",
    operation_id = "revoke_session",
    tag = "accounts",
    params(("id" = i64, Path, description = "Session id")),
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "Session ended, if it was one of the account."),
        (status = 401, description = "Not signed in.", body = bodies::Detail, example = json!({"detail": "Not authenticated"})),
        (status = 404, description = "The session id is not a number.", body = bodies::Detail),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = bodies::Detail),
        (status = 500, description = "Internal error, with a request id.", body = bodies::Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = bodies::Detail)
    )
)]
#[handler]
pub(crate) async fn revoke_session(
    Data(app): Data<&Arc<App>>,
    Client(client): Client,
    Member(signed_in): Member,
    Path(id): Path<i64>,
) -> poem::Result<Response> {
    app.accounts.revoke_sessions(&signed_in, Which::One(id), &client).await.map_err(AppError::from)?;
    Ok(reply::no_content())
}

/// Revoke all other sessions
#[utoipa::path(
    delete,
    path = "/api/v1/users/me/sessions",
    operation_id = "revoke_other_sessions",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "All sessions but the current one ended."),
        (status = 401, description = "Not signed in.", body = bodies::Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = bodies::Detail),
        (status = 500, description = "Internal error, with a request id.", body = bodies::Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = bodies::Detail)
    )
)]
#[handler]
pub(crate) async fn revoke_other_sessions(
    Data(app): Data<&Arc<App>>,
    Client(client): Client,
    Member(signed_in): Member,
) -> poem::Result<Response> {
    app.accounts.revoke_sessions(&signed_in, Which::Others, &client).await.map_err(AppError::from)?;
    Ok(reply::no_content())
}

/// Check the session
///
/// Forward auth for reverse proxies; docs/forward-auth.md has their configuration.
#[utoipa::path(
    get,
    path = "/api/v1/session",
    operation_id = "check_session",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "Signed in.", headers(
            ("X-User-Id" = i64, description = "Account id"),
            ("X-User-Email" = String, description = "Email address, if any, in UTF-8")
        )),
        (status = 401, description = "Not signed in.", body = bodies::Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = bodies::Detail),
        (status = 500, description = "Internal error, with a request id.", body = bodies::Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = bodies::Detail)
    )
)]
#[handler]
pub(crate) fn forward_auth(Member(signed_in): Member) -> Response {
    let account = signed_in.account();
    let mut response = reply::no_content();
    let headers = response.headers_mut();
    headers.insert(USER_ID, HeaderValue::from(account.id));
    // UTF-8; an address has no control characters.
    let email = account.email.as_deref().and_then(|email| HeaderValue::from_bytes(email.as_bytes()).ok());
    if let Some(email) = email {
        headers.insert(USER_EMAIL, email);
    }
    response
}

async fn describe(app: &App, signed_in: &SignedIn) -> Result<Me, AppError> {
    let pending_email = app.accounts.pending_email(signed_in).await?;
    Ok(Me::new(signed_in.account(), pending_email))
}
