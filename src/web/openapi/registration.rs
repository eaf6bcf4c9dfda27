//! Making accounts: `registration.rs`, `registration_api.rs`.

use super::CommonErrors;
use crate::web::bodies::{
    Detail, FastApiErrors, Faults, PrivateSignUp, PrivateUser, Registered, RegisteredUser, RegisteredUsername,
    SignUpByEmail, SignUpByUsername,
};

/// Sign up by email address
///
/// The sign-up page posts its form to the same address. A form is answered with a redirect to `/welcome`, or with the
/// page again; with `Accept: application/json` it is answered as JSON is.
#[utoipa::path(
    post,
    path = "/register",
    tag = "registration",
    request_body(content((SignUpByEmail = "application/json"), (SignUpByEmail = "application/x-www-form-urlencoded"))),
    responses(
        (status = 201, description = "The account was made.", body = Registered),
        (status = 202, description = "With `CONCEAL_ACCOUNTS`: whether there was an account is told by mail alone.", body = Detail,
            example = json!({"detail": "Check the inbox of this address: we sent an email."})),
        (status = 303, description = "The account was made; the answer to a form."),
        (status = 400, description = "The address is taken, or the input is not accepted.", content(
            (Faults = "application/json"), (String = "text/html"))),
        (status = 403, description = "The form came from another site.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn register() {}

/// Sign up by username
#[utoipa::path(
    post,
    path = "/users",
    tag = "registration",
    request_body = SignUpByUsername,
    responses(
        (status = 201, description = "The account was made.", body = RegisteredUsername),
        (status = 400, description = "The username is taken, or the input is not accepted.", body = Faults,
            example = json!({"detail": "Enter a username.", "errors": [{"field": "username", "code": "username_missing", "message": "Enter a username."}]})),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn users() {}

/// Sign up by email address, answered as FastAPI does
#[utoipa::path(
    post,
    path = "/api/v1/users/register",
    tag = "registration",
    request_body = SignUpByEmail,
    responses(
        (status = 201, description = "The account was made.", body = RegisteredUser),
        (status = 202, description = "With `CONCEAL_ACCOUNTS`: whether there was an account is told by mail alone.", body = Detail,
            example = json!({"detail": "Check the inbox of this address: we sent an email."})),
        (status = 400, description = "The address is taken.", body = Detail, example = json!({"detail": "User email is already registered."})),
        (status = 422, description = "The input is not accepted, or the body cannot be read.", body = FastApiErrors),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn users_register() {}

/// Make an account for a test
///
/// There with `ENVIRONMENT=local` alone; 404 otherwise. Takes any password of 1 to 128 characters. Also without the last
/// slash.
#[utoipa::path(
    post,
    path = "/api/v1/private/users/",
    tag = "registration",
    request_body = PrivateSignUp,
    responses(
        (status = 200, description = "The account was made.", body = PrivateUser),
        (status = 400, description = "The address is taken.", body = Detail, example = json!({"detail": "User email is already registered."})),
        (status = 404, description = "Not opened: the service does not run with `ENVIRONMENT=local`.", body = Detail),
        (status = 422, description = "The input is not accepted, or the body cannot be read.", body = FastApiErrors),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn private_users() {}
