//! The three doors for programs alone: by username, by address, and the private one for developers.

use std::sync::Arc;

use poem::{Response, handler, http::StatusCode, web::Data};
use serde::Serialize;

use super::{
    audience::Audience,
    bodies::{PrivateUser, RegisteredUser, RegisteredUsername},
    error::AppError,
    reply::{self, Door},
    submission::JsonSubmission,
};
use crate::{
    accounts::{
        Account,
        registration::{IdentifierKind, Rejection, Terms},
    },
    app::App,
};

const BY_EMAIL: Terms = Terms {
    identifier: IdentifierKind::Email,
    full_name_required: false,
    any_password: false,
    consent_required: false,
};
const BY_USERNAME: Terms = Terms {
    identifier: IdentifierKind::Username,
    full_name_required: false,
    any_password: false,
    consent_required: false,
};
const PRIVATE: Terms =
    Terms { identifier: IdentifierKind::Email, full_name_required: true, any_password: true, consent_required: false };

const EMAIL_DOOR: Door = Door { taken: "taken-user-email" };
const USERNAME_DOOR: Door = Door { taken: "taken-username" };

/// `POST /users`
#[handler]
pub async fn by_username(
    Data(app): Data<&Arc<App>>,
    Data(audience): Data<&Audience>,
    submission: JsonSubmission,
) -> poem::Result<Response> {
    let registered = app.registration.register(submission.into_sign_up(BY_USERNAME.identifier)?, BY_USERNAME).await;
    answer::<RegisteredUsername>(registered, StatusCode::CREATED, USERNAME_DOOR, audience, app)
}

/// `POST /api/v1/users/register`
#[handler]
pub async fn by_email(
    Data(app): Data<&Arc<App>>,
    Data(audience): Data<&Audience>,
    submission: JsonSubmission,
) -> poem::Result<Response> {
    let registered = app.registration.register(submission.into_sign_up(BY_EMAIL.identifier)?, BY_EMAIL).await;
    answer::<RegisteredUser>(registered, StatusCode::CREATED, EMAIL_DOOR, audience, app)
}

/// `POST /api/v1/private/users/`, routed with `ENVIRONMENT=local` alone.
#[handler]
pub async fn private(
    Data(app): Data<&Arc<App>>,
    Data(audience): Data<&Audience>,
    submission: JsonSubmission,
) -> poem::Result<Response> {
    let registered = app.registration.register(submission.into_private_sign_up()?, PRIVATE).await;
    answer::<PrivateUser>(registered, StatusCode::OK, EMAIL_DOOR, audience, app)
}

fn answer<T: From<Account> + Serialize>(
    registered: Result<Account, Rejection>,
    success: StatusCode,
    door: Door,
    audience: &Audience,
    app: &App,
) -> poem::Result<Response> {
    match registered {
        Ok(account) => Ok(reply::json(success, &T::from(account))),
        Err(Rejection::Input(errors)) => Ok(reply::refused(&errors, door, audience, &app.site)),
        Err(other) => Err(AppError::from(other).into()),
    }
}
