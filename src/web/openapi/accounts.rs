//! After the sign-up: `verification.rs`, `login.rs`, `password_reset.rs`, `account.rs`, `account_api.rs`.

use super::CommonErrors;
use crate::web::{
    account_bodies::{
        AccessToken, AccountChanges, AddressBody, Confirmation, Export, LoginBody, Me, NewPassword, PasswordGrant,
        Proof, SessionBody,
    },
    bodies::{Detail, FastApiErrors, Faults},
};

/// Prove an email address
///
/// By the token of a link, or by the code of the same mail. `GET` shows people a page with a button and changes nothing.
#[utoipa::path(
    post,
    path = "/verify-email",
    tag = "accounts",
    request_body = Proof,
    security((), ("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "The address is proven."),
        (status = 400, description = "What was sent proves nothing; the code says why.", body = Faults,
            example = json!({"detail": "This link was used before. Have a new one sent.", "errors": [{"field": "token", "code": "token_used", "message": "This link was used before. Have a new one sent."}]})),
        (status = 403, description = "The form came from another site.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn verify_email() {}

/// Have the mail sent again
///
/// The answer is the same whether there is anything to prove. An address gets five an hour.
#[utoipa::path(
    post,
    path = "/verify-email/resend",
    tag = "accounts",
    request_body = AddressBody,
    responses(
        (status = 202, description = "If the address is to be proven, a mail is on its way.", body = Detail,
            example = json!({"detail": "If this address is still to be confirmed, an email with a new link is on its way."})),
        (status = 400, description = "This is no address.", body = Faults),
        (status = 403, description = "The form came from another site.", body = Detail),
        (status = 501, description = "The service has no mail server.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn resend() {}

/// Sign in
///
/// A form is answered with the session cookie and a redirect to `next`, or to `/account`.
#[utoipa::path(
    post,
    path = "/login",
    tag = "accounts",
    request_body(content((LoginBody = "application/json"), (LoginBody = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "A bearer token.", body = AccessToken),
        (status = 303, description = "Signed in; the answer to a form."),
        (status = 400, description = "Something is missing.", body = Faults),
        (status = 401, description = "For every reason the same.", body = Detail,
            example = json!({"detail": "Incorrect email or password"})),
        (status = 403, description = "The form came from another site.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn login() {}

/// Sign in, as FastAPI's template has it
#[utoipa::path(
    post,
    path = "/api/v1/login/access-token",
    tag = "accounts",
    request_body(content = PasswordGrant, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A bearer token.", body = AccessToken),
        (status = 400, description = "For every reason the same.", body = Detail,
            example = json!({"detail": "Incorrect email or password"})),
        (status = 403, description = "The form came from another site.", body = Detail),
        (status = 422, description = "Something is missing, or the body cannot be read.", body = FastApiErrors),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn access_token() {}

/// Sign out
///
/// A form is answered with a redirect to `/login`.
#[utoipa::path(
    post,
    path = "/logout",
    tag = "accounts",
    security((), ("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "The session has ended, if there was one."),
        (status = 303, description = "The answer to a form."),
        (status = 403, description = "The form came from another site.", body = Detail),
        (status = 421, description = "The request was for a host that is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 500, description = "A fault of the service, with a request id.", body = Detail),
        (status = 503, description = "No connection could be had in time; `Retry-After` says when to try again.", body = Detail)
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn logout() {}

/// Ask for a link to choose a new password
///
/// The answer is the same whether there is an account. An address gets five links an hour.
#[utoipa::path(
    post,
    path = "/forgot-password",
    tag = "accounts",
    request_body = AddressBody,
    responses(
        (status = 202, description = "If there is an account, a mail is on its way.", body = Detail,
            example = json!({"detail": "If there is an account for this address, an email with a link to choose a new password is on its way."})),
        (status = 400, description = "This is no address.", body = Faults),
        (status = 403, description = "The form came from another site.", body = Detail),
        (status = 501, description = "The service has no mail server.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn forgot_password() {}

/// Choose a new password
///
/// By the token of the link. All sessions end; nobody is signed in.
#[utoipa::path(
    post,
    path = "/reset-password",
    tag = "accounts",
    request_body = NewPassword,
    responses(
        (status = 204, description = "The password is set."),
        (status = 400, description = "What was sent proves nothing; the code says why.", body = Faults,
            example = json!({"detail": "This link was used before. Have a new one sent.", "errors": [{"field": "token", "code": "token_used", "message": "This link was used before. Have a new one sent."}]})),
        (status = 403, description = "The form came from another site.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn reset_password() {}

/// Who is signed in
#[utoipa::path(
    get,
    path = "/api/v1/users/me",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 200, description = "The account.", body = Me),
        (status = 401, description = "Nobody is signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The request was for a host that is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 500, description = "A fault of the service, with a request id.", body = Detail),
        (status = 503, description = "No connection could be had in time; `Retry-After` says when to try again.", body = Detail)
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn me() {}

/// Change the account
///
/// All of it or nothing.
#[utoipa::path(
    patch,
    path = "/api/v1/users/me",
    tag = "accounts",
    request_body = AccountChanges,
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 200, description = "The account as it is now.", body = Me),
        (status = 401, description = "Nobody is signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 422, description = "The input is not accepted, or the body cannot be read; then nothing is changed.", body = FastApiErrors),
        (status = 501, description = "The service has no mail server.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn update_me() {}

/// Delete the account
#[utoipa::path(
    delete,
    path = "/api/v1/users/me",
    tag = "accounts",
    request_body = Confirmation,
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "Nobody is signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 422, description = "The input is not accepted, or the body cannot be read; then nothing is changed.", body = FastApiErrors),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn delete_me() {}

/// Where the account is signed in
#[utoipa::path(
    get,
    path = "/api/v1/users/me/sessions",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 200, description = "The one that asks first, then the one used last.", body = Vec<SessionBody>),
        (status = 401, description = "Nobody is signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The request was for a host that is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 500, description = "A fault of the service, with a request id.", body = Detail),
        (status = 503, description = "No connection could be had in time; `Retry-After` says when to try again.", body = Detail)
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn sessions() {}

/// Sign out everywhere else
#[utoipa::path(
    delete,
    path = "/api/v1/users/me/sessions",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "All sessions but this one have ended."),
        (status = 401, description = "Nobody is signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The request was for a host that is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 500, description = "A fault of the service, with a request id.", body = Detail),
        (status = 503, description = "No connection could be had in time; `Retry-After` says when to try again.", body = Detail)
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn revoke_sessions() {}

/// Sign out somewhere
#[utoipa::path(
    delete,
    path = "/api/v1/users/me/sessions/{id}",
    tag = "accounts",
    params(("id" = i64, Path, description = "Of the session")),
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "The session has ended, if it was one of the account's."),
        (status = 401, description = "Nobody is signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 404, description = "This is no number of a session.", body = Detail),
        (status = 421, description = "The request was for a host that is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 500, description = "A fault of the service, with a request id.", body = Detail),
        (status = 503, description = "No connection could be had in time; `Retry-After` says when to try again.", body = Detail)
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn revoke_session() {}

/// Everything that is stored of the account
///
/// As a file to save. The secrets are not in it.
#[utoipa::path(
    get,
    path = "/account/export",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 200, description = "The account, its sessions and what happened to it.", body = Export),
        (status = 303, description = "Nobody is signed in; a browser is led to the login."),
        (status = 401, description = "Nobody is signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The request was for a host that is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 429, description = "Another one of the account is under way, or there were too many; `Retry-After` says when to try again.",
            headers(("Retry-After" = i64, description = "Seconds")), body = Detail),
        (status = 500, description = "A fault of the service, with a request id.", body = Detail),
        (status = 503, description = "No connection could be had in time; `Retry-After` says when to try again.", body = Detail)
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn export() {}

/// Is somebody signed in
///
/// For reverse proxies that ask before they pass a request on; docs/forward-auth.md has their settings.
#[utoipa::path(
    get,
    path = "/api/v1/session",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "Somebody is.",
            headers(("X-User-Id" = i64, description = "Of the account"), ("X-User-Email" = String, description = "If it has one, in UTF-8"))),
        (status = 401, description = "Nobody is signed in.", body = Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The request was for a host that is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = Detail),
        (status = 500, description = "A fault of the service, with a request id.", body = Detail),
        (status = 503, description = "No connection could be had in time; `Retry-After` says when to try again.", body = Detail)
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
pub(super) fn forward_auth() {}
