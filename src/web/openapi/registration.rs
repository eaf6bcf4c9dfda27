//! Sign-up: `registration.rs`, `registration_api.rs`.

use super::CommonErrors;
use crate::web::bodies::{
    Detail, FastApiErrors, PrivateSignUp, PrivateUser, Registered, RegisteredUser, RegisteredUsername, SignUpByEmail,
    SignUpByUsername, ValidationErrors,
};

/// Sign up by email address
///
/// The sign-up page posts its form to the same address. A form is answered with a redirect to `/welcome`, or with the
/// page and its errors; with `Accept: application/json` it is answered like JSON.
#[utoipa::path(
    post,
    path = "/register",
    operation_id = "register",
    tag = "registration",
    request_body(content((SignUpByEmail = "application/json"), (SignUpByEmail = "application/x-www-form-urlencoded"))),
    responses(
        (status = 201, description = "Account created.", body = Registered),
        (status = 202, description = "With `CONCEAL_ACCOUNTS`: only the mail reveals whether there was an account.",
            body = Detail, example = json!({"detail": "Check the inbox of this address: we sent an email."})),
        (status = 303, description = "Account created; response to a form."),
        (status = 400, description = "The address is taken, or the input is invalid.", content(
            (ValidationErrors = "application/json"), (String = "text/html"))),
        (status = 403, description = "Cross-site form post.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn register() {}

/// Sign up by username
#[utoipa::path(
    post,
    path = "/users",
    operation_id = "register_by_username",
    tag = "registration",
    request_body = SignUpByUsername,
    responses(
        (status = 201, description = "Account created.", body = RegisteredUsername),
        (status = 400, description = "The username is taken, or the input is invalid.", body = ValidationErrors,
            example = json!({
                "detail": "Enter a username.",
                "errors": [{"field": "username", "code": "username_missing", "message": "Enter a username."}]
            })),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn register_by_username() {}

/// Sign up by email address, with FastAPI responses
#[utoipa::path(
    post,
    path = "/api/v1/users/register",
    operation_id = "register_by_email",
    tag = "registration",
    request_body = SignUpByEmail,
    responses(
        (status = 201, description = "Account created.", body = RegisteredUser),
        (status = 202, description = "With `CONCEAL_ACCOUNTS`: only the mail reveals whether there was an account.",
            body = Detail, example = json!({"detail": "Check the inbox of this address: we sent an email."})),
        (status = 400, description = "The address is taken.", body = Detail,
            example = json!({"detail": "User email is already registered."})),
        (status = 422, description = "The input is invalid, or the body cannot be read.", body = FastApiErrors),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn register_by_email() {}

/// Create a test account
///
/// Only with `ENVIRONMENT=local`; 404 otherwise. Accepts any password of 1 to 128 characters. The trailing slash is
/// optional.
#[utoipa::path(
    post,
    path = "/api/v1/private/users/",
    operation_id = "create_test_account",
    tag = "registration",
    request_body = PrivateSignUp,
    responses(
        (status = 200, description = "Account created.", body = PrivateUser),
        (status = 400, description = "The address is taken.", body = Detail,
            example = json!({"detail": "User email is already registered."})),
        (status = 404, description = "The service does not run with `ENVIRONMENT=local`.", body = Detail),
        (status = 422, description = "The input is invalid, or the body cannot be read.", body = FastApiErrors),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn create_test_account() {}
