//! The three API sign-up endpoints: by username, by address, and the private one for developers.

use std::sync::Arc;

use poem::{Response, handler, http::StatusCode, web::Data};
use serde::Serialize;

use super::{
    bodies::{PrivateUser, RegisteredUser, RegisteredUsername},
    client::Client,
    error::AppError,
    reply::{self, EndpointTexts},
    request_context::RequestContext,
    submission::JsonSubmission,
};
use crate::{
    accounts::{
        registration::{EndpointPolicy, IdentifierKind, Registered},
        rejection::Rejection,
    },
    app::App,
    domain::account::Account,
};

const BY_EMAIL: EndpointPolicy = EndpointPolicy {
    identifier: IdentifierKind::Email,
    full_name_required: false,
    any_password: false,
    consent_required: false,
    signs_in: false,
};
const BY_USERNAME: EndpointPolicy = EndpointPolicy {
    identifier: IdentifierKind::Username,
    full_name_required: false,
    any_password: false,
    consent_required: false,
    signs_in: false,
};
const PRIVATE: EndpointPolicy = EndpointPolicy {
    identifier: IdentifierKind::Email,
    full_name_required: true,
    any_password: true,
    consent_required: false,
    signs_in: false,
};

const EMAIL_ENDPOINT: EndpointTexts = EndpointTexts { taken: "taken-user-email" };
const USERNAME_ENDPOINT: EndpointTexts = EndpointTexts { taken: "taken-username" };

/// `POST /users`
#[handler]
pub async fn by_username(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    JsonSubmission(submission): JsonSubmission,
) -> poem::Result<Response> {
    let registered =
        app.accounts.register(submission.into_sign_up(BY_USERNAME.identifier)?, BY_USERNAME, &client).await;
    respond::<RegisteredUsername>(registered, StatusCode::CREATED, USERNAME_ENDPOINT, context, app)
}

/// `POST /api/v1/users/register`
#[handler]
pub async fn by_email(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    JsonSubmission(submission): JsonSubmission,
) -> poem::Result<Response> {
    let registered = app.accounts.register(submission.into_sign_up(BY_EMAIL.identifier)?, BY_EMAIL, &client).await;
    respond::<RegisteredUser>(registered, StatusCode::CREATED, EMAIL_ENDPOINT, context, app)
}

/// `POST /api/v1/private/users/`, routed only with `ENVIRONMENT=local`.
#[handler]
pub async fn private(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    JsonSubmission(submission): JsonSubmission,
) -> poem::Result<Response> {
    let registered = app.accounts.register(submission.into_private_sign_up()?, PRIVATE, &client).await;
    respond::<PrivateUser>(registered, StatusCode::OK, EMAIL_ENDPOINT, context, app)
}

fn respond<T: From<Account> + Serialize>(
    registered: Result<Registered, Rejection>,
    success: StatusCode,
    texts: EndpointTexts,
    context: &RequestContext,
    app: &App,
) -> poem::Result<Response> {
    match registered {
        Ok(Registered::Made { account, .. }) => Ok(reply::json(success, &T::from(account))),
        Ok(Registered::CheckInbox(_)) => Ok(reply::accepted("check-inbox", context)),
        Err(Rejection::Input(errors)) => Ok(reply::refused(&errors, texts, context, &app.site)),
        Err(other) => Err(AppError::from(other).into()),
    }
}
