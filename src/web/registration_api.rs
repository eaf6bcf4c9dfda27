//! The three API sign-up endpoints: by username, by address, and the private one for developers.

use std::sync::Arc;

use poem::{Response, handler, http::StatusCode, web::Data};
use serde::Serialize;

use super::{
    bodies::{self, PrivateUser, RegisteredUser, RegisteredUsername},
    client::Client,
    common_errors,
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

/// Sign up by username
#[utoipa::path(
    post,
    path = "/users",
    operation_id = "register_by_username",
    tag = "registration",
    request_body = bodies::SignUpByUsername,
    responses(
        (status = 201, description = "Account created.", body = bodies::RegisteredUsername),
        (status = 400, description = "The username is taken, or the input is invalid.", body = bodies::ValidationErrors,
            example = json!({
                "detail": "Enter a username.",
                "errors": [{"field": "username", "code": "username_missing", "message": "Enter a username."}]
            })),
        common_errors::CommonErrors
    )
)]
#[handler]
pub(crate) async fn by_username(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    JsonSubmission(submission): JsonSubmission,
) -> poem::Result<Response> {
    let registered =
        app.accounts.register(submission.into_sign_up(BY_USERNAME.identifier)?, BY_USERNAME, &client).await;
    respond::<RegisteredUsername>(registered, StatusCode::CREATED, USERNAME_ENDPOINT, context, app)
}

/// Sign up by email address, with FastAPI responses
#[utoipa::path(
    post,
    path = "/api/v1/users/register",
    operation_id = "register_by_email",
    tag = "registration",
    request_body = bodies::SignUpByEmail,
    responses(
        (status = 201, description = "Account created.", body = bodies::RegisteredUser),
        (status = 202, description = "With `CONCEAL_ACCOUNTS`: only the mail reveals whether there was an account.",
            body = bodies::Detail, example = json!({"detail": "Check the inbox of this address: we sent an email."})),
        (status = 400, description = "The address is taken.", body = bodies::Detail,
            example = json!({"detail": "User email is already registered."})),
        (status = 422, description = "The input is invalid, or the body cannot be read.", body = bodies::FastApiErrors),
        common_errors::CommonErrors
    )
)]
#[handler]
pub(crate) async fn by_email(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    JsonSubmission(submission): JsonSubmission,
) -> poem::Result<Response> {
    let registered = app.accounts.register(submission.into_sign_up(BY_EMAIL.identifier)?, BY_EMAIL, &client).await;
    respond::<RegisteredUser>(registered, StatusCode::CREATED, EMAIL_ENDPOINT, context, app)
}

/// Create a test account
///
/// Only with `ENVIRONMENT=local`; 404 otherwise. Accepts any password of 1 to 128 characters. The trailing slash is
/// optional.
#[utoipa::path(
    post,
    path = "/api/v1/private/users/",
    operation_id = "create_test_account",
    tag = "registration",
    request_body = bodies::PrivateSignUp,
    responses(
        (status = 200, description = "Account created.", body = bodies::PrivateUser),
        (status = 400, description = "The address is taken.", body = bodies::Detail,
            example = json!({"detail": "User email is already registered."})),
        (status = 404, description = "The service does not run with `ENVIRONMENT=local`.", body = bodies::Detail),
        (status = 422, description = "The input is invalid, or the body cannot be read.", body = bodies::FastApiErrors),
        common_errors::CommonErrors
    )
)]
// `POST /api/v1/private/users/`, routed only with `ENVIRONMENT=local`.
#[handler]
pub(crate) async fn private(
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
