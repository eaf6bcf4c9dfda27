//! The account API: profile, settings, sessions and forward auth.

use std::sync::Arc;

use poem::{
    Response, handler,
    http::{HeaderName, HeaderValue, StatusCode},
    web::{Data, Path},
};

use super::{
    account_bodies::{Me, SessionBody},
    client::Client,
    cookies::{Jar, PageCookies},
    error::AppError,
    reply::{self, EMAIL_TEXTS},
    request_context::RequestContext,
    session::Member,
    submission::JsonSubmission,
};
use crate::{
    accounts::{
        rejection::Rejection,
        sessions::{SignedIn, Which},
        settings::Changes,
    },
    app::App,
    domain::field_error::Field,
};

const USER_ID: HeaderName = HeaderName::from_static("x-user-id");
const USER_EMAIL: HeaderName = HeaderName::from_static("x-user-email");

/// `GET /api/v1/users/me`
#[handler]
pub async fn me(Data(app): Data<&Arc<App>>, Member(signed_in): Member) -> poem::Result<Response> {
    Ok(reply::json(StatusCode::OK, &describe(app, &signed_in).await?))
}

/// `PATCH /api/v1/users/me`: absent members stay unchanged; `full_name` may be `null`.
#[handler]
pub async fn update(
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

/// `DELETE /api/v1/users/me`. The request is the confirmation.
#[handler]
pub async fn delete(
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

/// `GET /api/v1/users/me/sessions`
#[handler]
pub async fn sessions(Data(app): Data<&Arc<App>>, Member(signed_in): Member) -> poem::Result<Response> {
    let sessions = app.accounts.sessions(&signed_in).await.map_err(AppError::from)?;
    let sessions: Vec<SessionBody> = sessions.into_iter().map(SessionBody::from).collect();
    Ok(reply::json(StatusCode::OK, &sessions))
}

/// `DELETE /api/v1/users/me/sessions/{id}`
#[handler]
pub async fn revoke_session(
    Data(app): Data<&Arc<App>>,
    Client(client): Client,
    Member(signed_in): Member,
    Path(id): Path<i64>,
) -> poem::Result<Response> {
    app.accounts.revoke_sessions(&signed_in, Which::One(id), &client).await.map_err(AppError::from)?;
    Ok(reply::no_content())
}

/// `DELETE /api/v1/users/me/sessions`: all but the current one.
#[handler]
pub async fn revoke_other_sessions(
    Data(app): Data<&Arc<App>>,
    Client(client): Client,
    Member(signed_in): Member,
) -> poem::Result<Response> {
    app.accounts.revoke_sessions(&signed_in, Which::Others, &client).await.map_err(AppError::from)?;
    Ok(reply::no_content())
}

/// `GET /api/v1/session`: forward auth for reverse proxies.
#[handler]
pub fn forward_auth(Member(signed_in): Member) -> Response {
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
