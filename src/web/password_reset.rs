//! Password reset: requesting the link and using it.
//!
//! The token leaves the address bar at once: a cookie stores it for the page with the form, which then submits it.

use std::sync::Arc;

use poem::{
    IntoResponse as _, Request, Response, handler,
    http::{HeaderValue, StatusCode, header},
    web::{Data, Redirect},
};

use super::{
    account_bodies, bodies,
    client::Client,
    common_errors,
    cookies::{CookieKind, Jar, PageCookies},
    error::AppError,
    form_reply, messages, query,
    reply::{self, EMAIL_TEXTS},
    request_context::RequestContext,
    response_format::ResponseFormat,
    submission::Submission,
    verification::{Pages, reason},
};
use crate::{
    accounts::rejection::Rejection,
    app::App,
    domain::{
        field_error::{Field, FieldError, PASSWORD_MAX_CHARACTERS},
        token::RESET_LINK_MINUTES,
    },
    views::{
        pages::{ForgotPasswordPage, ResetPasswordForm, ResetPasswordPage},
        texts::Message,
    },
};

#[handler]
pub(crate) fn show_forgot(Data(app): Data<&Arc<App>>, Data(context): Data<&RequestContext>) -> poem::Result<Response> {
    Ok(forgot_page(app, context, StatusCode::OK, String::new(), &[], None)?)
}

/// Request a password reset link
///
/// The response is the same whether there is an account. A mailbox gets at most 15 mails
/// an hour; excess is dropped silently.
#[utoipa::path(
    post,
    path = "/forgot-password",
    operation_id = "request_password_reset",
    tag = "accounts",
    request_body = account_bodies::AddressBody,
    responses(
        (status = 202, description = "A mail is sent if there is an account.", body = bodies::Detail,
            example = json!({
                "detail": "If there is an account for this address, an email with a link to choose a new password is \
                           on its way."
            })),
        (status = 400, description = "The email address is invalid.", body = bodies::ValidationErrors),
        (status = 403, description = "Cross-site form post.", body = bodies::Detail),
        (status = 501, description = "No mail server is configured.", body = bodies::Detail),
        common_errors::CommonErrors
    )
)]
#[handler]
pub(crate) async fn forgot(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    mut submission: Submission,
) -> poem::Result<Response> {
    let client = submission.with_proof_of_work(client, context.response_format)?;
    let typed = submission.text(Field::Email.name())?;
    let requested = app.accounts.forgot_password(typed.as_deref(), &client).await;
    let typed = typed.unwrap_or_default();
    match (requested, context.response_format) {
        (Ok(()), ResponseFormat::Page) => {
            let detail = Message::new("forgot-sent").with("address", typed.trim());
            let action = Some(("notice-sign-in", "/login"));
            Pages { app, context }.notice(StatusCode::OK, "forgot-sent-title", detail, false, action)
        }
        (Ok(()), _) => Ok(reply::accepted("forgot-accepted", context)),
        (Err(rejection), _) => {
            form_reply::rejected(context, &app.site, rejection, "detail", |status, errors, notice| {
                forgot_page(app, context, status, typed, errors, notice)
            })
        }
    }
}

fn forgot_page(
    app: &App,
    context: &RequestContext,
    status: StatusCode,
    typed: String,
    errors: &[FieldError],
    notice: Option<Message>,
) -> Result<Response, AppError> {
    let can_mail = app.accounts.policy().sends_mail;
    let page = ForgotPasswordPage::new(context.frame(), typed, can_mail, &messages::field_errors(errors), notice);
    Ok(reply::cacheable(reply::page(status, &page, &context.theme)?))
}

#[handler]
pub(crate) async fn show(
    request: &Request,
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    PageCookies(cookies): PageCookies,
) -> poem::Result<Response> {
    let jar = Jar { cookies: &cookies, app };
    let response = if let Some(token) = query::value(request, "token") {
        jar.set(CookieKind::Reset, &token);
        Ok(Redirect::see_other("/reset-password").into_response())
    } else if let Some(token) = jar.get(CookieKind::Reset) {
        match app.accounts.inspect_reset(Some(&token)).await {
            Ok(address) => Ok(reset_page(app, context, StatusCode::OK, (address, token), &[], None)?),
            Err(rejection) => expired_link(app, context, rejection),
        }
    } else {
        let action = Some(("forgot-again", "/forgot-password"));
        let title = "reset-cookies-title";
        Pages { app, context }.notice(StatusCode::BAD_REQUEST, title, "reset-cookies".into(), false, action)
    };
    response.map(without_referrer)
}

/// Reset the password
///
/// By the token of the link. Ends all sessions and starts none.
#[utoipa::path(
    post,
    path = "/reset-password",
    operation_id = "reset_password",
    tag = "accounts",
    request_body = account_bodies::NewPassword,
    responses(
        (status = 204, description = "Password changed."),
        (status = 400, description = "The token or password is not accepted; the error code has the reason.",
            body = bodies::ValidationErrors, example = json!({
                "detail": "This link was used before. Have a new one sent.",
                "errors": [{
                    "field": "token", "code": "token_used", "message": "This link was used before. Have a new one sent."
                }]
            })),
        (status = 403, description = "Cross-site form post.", body = bodies::Detail),
        common_errors::CommonErrors
    )
)]
#[handler]
pub(crate) async fn submit(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    PageCookies(cookies): PageCookies,
    mut submission: Submission,
) -> poem::Result<Response> {
    let client = submission.with_proof_of_work(client, context.response_format)?;
    let token = submission.text(Field::Token.name())?;
    let password = submission.secret(Field::Password)?;
    let reset = app.accounts.reset_password(token.as_deref(), password, &client).await;
    let response = match (reset, context.response_format) {
        (Ok(devices), ResponseFormat::Page) => {
            let jar = Jar { cookies: &cookies, app };
            jar.remove(CookieKind::Reset);
            jar.set_devices(&devices);
            let action = Some(("notice-sign-in", "/login"));
            let title = "reset-done-title";
            Pages { app, context }.notice(StatusCode::OK, title, "reset-done".into(), true, action)
        }
        (Ok(_), _) => Ok(reply::no_content()),
        (Err(Rejection::Input(errors)), ResponseFormat::Page)
            if errors.iter().any(|error| error.field() == Field::Password) =>
        {
            let token = token.unwrap_or_default();
            match app.accounts.inspect_reset(Some(&token)).await {
                Ok(address) => Ok(reset_page(app, context, StatusCode::BAD_REQUEST, (address, token), &errors, None)?),
                // It expired meanwhile.
                Err(rejection) => expired_link(app, context, rejection),
            }
        }
        (Err(rejection @ Rejection::Input(_)), ResponseFormat::Page) => expired_link(app, context, rejection),
        (Err(Rejection::Input(errors)), _) => Ok(reply::refused(&errors, EMAIL_TEXTS, context, &app.site)),
        (Err(other), ResponseFormat::Page) => {
            let token = token.unwrap_or_default();
            match app.accounts.inspect_reset(Some(&token)).await {
                Ok(address) => form_reply::transient(context, other.into(), "notice", |status, notice| {
                    reset_page(app, context, status, (address, token), &[], Some(notice))
                }),
                Err(_) => Err(AppError::from(other).into()),
            }
        }
        (Err(other), _) => Err(AppError::from(other).into()),
    };
    response.map(without_referrer)
}

fn reset_page(
    app: &App,
    context: &RequestContext,
    status: StatusCode,
    (address, token): (String, String),
    errors: &[FieldError],
    notice: Option<Message>,
) -> Result<Response, AppError> {
    let password_min = app.accounts.policy().password.min_characters;
    let form = ResetPasswordForm { address, token, password_min, password_max: PASSWORD_MAX_CHARACTERS };
    let page = ResetPasswordPage::new(context.frame(), form, &messages::field_errors(errors), notice);
    Ok(reply::page(status, &page, &context.theme)?)
}

/// An expired, used or replaced link.
fn expired_link(app: &App, context: &RequestContext, rejection: Rejection) -> poem::Result<Response> {
    let Rejection::Input(errors) = rejection else { return Err(AppError::from(rejection).into()) };
    let detail =
        Message::new("reset-dead").with("reason", reason(&errors)).with("minutes", usize::from(RESET_LINK_MINUTES));
    let action = Some(("forgot-again", "/forgot-password"));
    Pages { app, context }.notice(StatusCode::BAD_REQUEST, "reset-dead-title", detail, false, action)
}

/// Sends no `Referer` from this page.
fn without_referrer(mut response: Response) -> Response {
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
