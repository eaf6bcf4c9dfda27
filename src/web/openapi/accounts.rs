//! Verification, login, password reset and account: `verification.rs`, `login.rs`, `password_reset.rs`, `account.rs`,
//! `account_api.rs`.

use super::CommonErrors;
use crate::web::{
    account_bodies::{
        AccessToken, AccountChanges, AddressBody, Confirmation, Export, LoginBody, Me, NewPassword, PasswordGrant,
        SessionBody, Verification,
    },
    bodies::{Detail, FastApiErrors, ValidationErrors},
};

/// Verify an email address
///
/// By the token of a link, or by the code of the same mail. `GET` shows a page with a button and changes nothing.
#[utoipa::path(
    post,
    path = "/verify-email",
    operation_id = "verify_email",
    tag = "accounts",
    request_body = Verification,
    security((), ("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "Address verified."),
        (status = 400, description = "The token or code is not accepted; the error code has the reason.",
            body = ValidationErrors, example = json!({
                "detail": "This link was used before. Have a new one sent.",
                "errors": [{
                    "field": "token", "code": "token_used", "message": "This link was used before. Have a new one sent."
                }]
            })),
        (status = 403, description = "Cross-site form post.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn verify_email() {}

/// Resend the verification mail
///
/// The response is the same whether there is an unverified account. Limit: five mails per address and hour.
#[utoipa::path(
    post,
    path = "/verify-email/resend",
    operation_id = "resend_verification",
    tag = "accounts",
    request_body = AddressBody,
    responses(
        (status = 202, description = "A mail is sent if the address is unverified.", body = Detail,
            example = json!({
                "detail": "If this address is still to be confirmed, an email with a new link is on its way."
            })),
        (status = 400, description = "The email address is invalid.", body = ValidationErrors),
        (status = 403, description = "Cross-site form post.", body = Detail),
        (status = 501, description = "No mail server is configured.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn resend_verification() {}

/// Log in
///
/// A form is answered with the session cookie and a redirect to `next`, or to `/account`.
#[utoipa::path(
    post,
    path = "/login",
    operation_id = "login",
    tag = "accounts",
    request_body(content((LoginBody = "application/json"), (LoginBody = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "A bearer token.", body = AccessToken),
        (status = 303, description = "Logged in; response to a form."),
        (status = 400, description = "A member is missing.", body = ValidationErrors),
        (status = 401, description = "Login refused; the same for every reason.", body = Detail,
            example = json!({"detail": "Incorrect email or password"})),
        (status = 403, description = "Cross-site form post.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn login() {}

/// Log in with the OAuth 2 password grant, as in FastAPI's template
#[utoipa::path(
    post,
    path = "/api/v1/login/access-token",
    operation_id = "login_access_token",
    tag = "accounts",
    request_body(content = PasswordGrant, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A bearer token.", body = AccessToken),
        (status = 400, description = "Login refused; the same for every reason.", body = Detail,
            example = json!({"detail": "Incorrect email or password"})),
        (status = 403, description = "Cross-site form post.", body = Detail),
        (status = 422, description = "A member is missing, or the body cannot be read.", body = FastApiErrors),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn login_access_token() {}

/// Log out
///
/// A form is answered with a redirect to `/login`.
#[utoipa::path(
    post,
    path = "/logout",
    operation_id = "logout",
    tag = "accounts",
    security((), ("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "Session ended, if there was one."),
        (status = 303, description = "Session ended; response to a form."),
        (status = 403, description = "Cross-site form post.", body = Detail),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 500, description = "Internal error, with a request id.", body = Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = Detail)
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn logout() {}

/// Request a password reset link
///
/// The response is the same whether there is an account. Limit: five links per address and hour.
#[utoipa::path(
    post,
    path = "/forgot-password",
    operation_id = "request_password_reset",
    tag = "accounts",
    request_body = AddressBody,
    responses(
        (status = 202, description = "A mail is sent if there is an account.", body = Detail,
            example = json!({
                "detail": "If there is an account for this address, an email with a link to choose a new password is \
                           on its way."
            })),
        (status = 400, description = "The email address is invalid.", body = ValidationErrors),
        (status = 403, description = "Cross-site form post.", body = Detail),
        (status = 501, description = "No mail server is configured.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn request_password_reset() {}

/// Reset the password
///
/// By the token of the link. Ends all sessions and starts none.
#[utoipa::path(
    post,
    path = "/reset-password",
    operation_id = "reset_password",
    tag = "accounts",
    request_body = NewPassword,
    responses(
        (status = 204, description = "Password changed."),
        (status = 400, description = "The token or password is not accepted; the error code has the reason.",
            body = ValidationErrors, example = json!({
                "detail": "This link was used before. Have a new one sent.",
                "errors": [{
                    "field": "token", "code": "token_used", "message": "This link was used before. Have a new one sent."
                }]
            })),
        (status = 403, description = "Cross-site form post.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn reset_password() {}

/// Get the account
#[utoipa::path(
    get,
    path = "/api/v1/users/me",
    operation_id = "get_account",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 200, description = "The account.", body = Me),
        (status = 401, description = "Not signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 500, description = "Internal error, with a request id.", body = Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = Detail)
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn get_account() {}

/// Update the account
///
/// Applies all changes or none.
#[utoipa::path(
    patch,
    path = "/api/v1/users/me",
    operation_id = "update_account",
    tag = "accounts",
    request_body = AccountChanges,
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 200, description = "The updated account.", body = Me),
        (status = 401, description = "Not signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 422, description = "The input is invalid or the body cannot be read; nothing is changed.",
            body = FastApiErrors),
        (status = 501, description = "No mail server is configured.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn update_account() {}

/// Delete the account
#[utoipa::path(
    delete,
    path = "/api/v1/users/me",
    operation_id = "delete_account",
    tag = "accounts",
    request_body = Confirmation,
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "Account deleted."),
        (status = 401, description = "Not signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 422, description = "The input is invalid or the body cannot be read; nothing is changed.",
            body = FastApiErrors),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn delete_account() {}

/// List sessions
#[utoipa::path(
    get,
    path = "/api/v1/users/me/sessions",
    operation_id = "list_sessions",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 200, description = "The current session first, then by last use, newest first.",
            body = Vec<SessionBody>),
        (status = 401, description = "Not signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 500, description = "Internal error, with a request id.", body = Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = Detail)
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn list_sessions() {}

/// Revoke all other sessions
#[utoipa::path(
    delete,
    path = "/api/v1/users/me/sessions",
    operation_id = "revoke_other_sessions",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "All sessions but the current one ended."),
        (status = 401, description = "Not signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 500, description = "Internal error, with a request id.", body = Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = Detail)
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn revoke_other_sessions() {}

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
        (status = 401, description = "Not signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 404, description = "The session id is not a number.", body = Detail),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 500, description = "Internal error, with a request id.", body = Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = Detail)
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn revoke_session() {}

/// Export the account
///
/// All stored data of the account, as a file. Contains no secrets.
#[utoipa::path(
    get,
    path = "/account/export",
    operation_id = "export_account",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 200, description = "The account, its sessions and its audit log.", body = Export),
        (status = 303, description = "Not signed in; a browser is redirected to the login."),
        (status = 401, description = "Not signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 429, description = "An export is running, or over the rate limit; `Retry-After` has the wait.",
            headers(("Retry-After" = i64, description = "Seconds")), body = Detail),
        (status = 500, description = "Internal error, with a request id.", body = Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = Detail)
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn export_account() {}

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
        (status = 401, description = "Not signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 500, description = "Internal error, with a request id.", body = Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = Detail)
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
pub(super) fn check_session() {}
