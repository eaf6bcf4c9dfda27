//! Login, by cookie for browsers and by bearer token for API clients; and logout.

use std::sync::Arc;

use poem::{
    IntoResponse as _, Request, Response, handler,
    http::{StatusCode, header},
    web::{Data, Redirect},
};

use super::{
    account_bodies::{self, AccessToken},
    bodies,
    client::Client,
    common_errors,
    cookies::{Jar, PageCookies},
    error::AppError,
    form_reply, messages, next, query,
    reply::{self, EMAIL_TEXTS},
    request_context::RequestContext,
    response_format::ResponseFormat,
    session::{self, Visitor},
    submission::{FormSubmission, SameSite, Submission},
};
use crate::{
    accounts::{
        login::{Credentials, LoggedIn},
        rejection::Rejection,
    },
    app::App,
    domain::{
        field_error::{Field, FieldError},
        session::SessionKind,
        token::Token,
    },
    views::{
        pages::{LoginForm, LoginPage},
        texts::Message,
    },
};

#[handler]
pub(crate) fn show(
    request: &Request,
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
) -> poem::Result<Response> {
    let form = LoginForm { next: query::value(request, "next").unwrap_or_default(), ..LoginForm::default() };
    Ok(render(app, context, StatusCode::OK, form, &[], None)?)
}

/// Log in
///
/// A form is answered with the session cookie and a redirect to `next`, or to `/account`.
#[utoipa::path(
    post,
    path = "/login",
    operation_id = "login",
    tag = "accounts",
    request_body(content((account_bodies::LoginBody = "application/json"), (account_bodies::LoginBody = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "A bearer token.", body = account_bodies::AccessToken),
        (status = 303, description = "Logged in; response to a form."),
        (status = 400, description = "A member is missing.", body = bodies::ValidationErrors),
        (status = 401, description = "Login refused; the same for every reason.", body = bodies::Detail,
            example = json!({"detail": "Incorrect email or password"})),
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
    Visitor(previous): Visitor,
    mut submission: Submission,
) -> poem::Result<Response> {
    let client = submission.with_proof_of_work(client, context.response_format)?;
    let identifier = submission.text(Field::Identifier.name())?;
    let form = LoginForm {
        identifier: identifier.clone().unwrap_or_default(),
        next: submission.text("next")?.unwrap_or_default(),
        ..LoginForm::default()
    };
    let credentials = Credentials { identifier, password: submission.secret(Field::Password)? };
    if context.response_format != ResponseFormat::Page {
        let logged_in = app.accounts.log_in(credentials, SessionKind::Token, None, &client).await;
        return match logged_in {
            Ok(LoggedIn { token, .. }) => Ok(reply::json(StatusCode::OK, &bearer(app, &token))),
            Err(Rejection::Input(errors)) => Ok(reply::refused(&errors, EMAIL_TEXTS, context, &app.site)),
            Err(other) => Err(AppError::from(other).into()),
        };
    }
    match app.accounts.log_in(credentials, SessionKind::Browser, previous.as_ref(), &client).await {
        Ok(LoggedIn { token, devices, .. }) => {
            Jar { cookies: &cookies, app }.set_devices(&devices);
            let next = next::local(&form.next).unwrap_or(next::HOME);
            let mut response = Redirect::see_other(next).into_response();
            session::set(&mut response, &token, app);
            Ok(response)
        }
        // Not 401: browsers do not cache it, so Back could not show the form; and it needs a scheme.
        Err(Rejection::Credentials) => {
            Ok(render(app, context, StatusCode::FORBIDDEN, form, &[], Some("login-wrong".into()))?)
        }
        Err(rejection) => form_reply::rejected(context, &app.site, rejection, "notice", |status, errors, notice| {
            render(app, context, status, form, errors, notice)
        }),
    }
}

/// Log in with the OAuth 2 password grant, as in FastAPI's template
#[utoipa::path(
    post,
    path = "/api/v1/login/access-token",
    operation_id = "login_access_token",
    tag = "accounts",
    request_body(content = account_bodies::PasswordGrant, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A bearer token.", body = account_bodies::AccessToken),
        (status = 400, description = "Login refused; the same for every reason.", body = bodies::Detail,
            example = json!({"detail": "Incorrect email or password"})),
        (status = 403, description = "Cross-site form post.", body = bodies::Detail),
        (status = 422, description = "A member is missing, or the body cannot be read.", body = bodies::FastApiErrors),
        common_errors::CommonErrors
    )
)]
#[handler]
pub(crate) async fn access_token(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    FormSubmission(mut submission): FormSubmission,
) -> poem::Result<Response> {
    let identifier = submission.text(Field::Username.name())?;
    let credentials = Credentials { identifier, password: submission.secret(Field::Password)? };
    match app.accounts.log_in(credentials, SessionKind::Token, None, &client).await {
        Ok(LoggedIn { token, .. }) => Ok(reply::json(StatusCode::OK, &bearer(app, &token))),
        Err(Rejection::Input(errors)) => {
            // Named as in this form.
            let renamed =
                |error| if error == FieldError::IdentifierMissing { FieldError::UsernameMissing } else { error };
            let errors: Vec<FieldError> = errors.into_iter().map(renamed).collect();
            Ok(reply::refused(&errors, EMAIL_TEXTS, context, &app.site))
        }
        Err(Rejection::Credentials) => Err(AppError::Credentials(StatusCode::BAD_REQUEST).into()),
        Err(other) => Err(AppError::from(other).into()),
    }
}

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
        (status = 403, description = "Cross-site form post.", body = bodies::Detail),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = bodies::Detail),
        (status = 500, description = "Internal error, with a request id.", body = bodies::Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = bodies::Detail)
    )
)]
// `POST /logout`; succeeds without a session too.
#[handler]
pub(crate) async fn logout(
    request: &Request,
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    Visitor(signed_in): Visitor,
    _: SameSite,
) -> poem::Result<Response> {
    if let Some(signed_in) = signed_in {
        app.accounts.log_out(&signed_in, &client).await.map_err(AppError::from)?;
    }
    let is_program =
        context.response_format != ResponseFormat::Page || request.headers().contains_key(header::AUTHORIZATION);
    let mut response = if is_program { reply::no_content() } else { Redirect::see_other("/login").into_response() };
    session::clear(&mut response, app);
    Ok(response)
}

/// The response to an API login.
pub(crate) fn bearer(app: &App, token: &Token) -> AccessToken {
    AccessToken {
        access_token: token.expose().to_owned(),
        token_type: "bearer",
        expires_in: app.accounts.policy().token_lifetime.num_seconds(),
    }
}

fn render(
    app: &App,
    context: &RequestContext,
    status: StatusCode,
    form: LoginForm,
    errors: &[FieldError],
    notice: Option<Message>,
) -> Result<Response, AppError> {
    let policy = app.accounts.policy();
    let form = LoginForm {
        next: next::local(&form.next).unwrap_or_default().to_owned(),
        offers_reset: policy.sends_mail,
        offers_resend: policy.verification.login_requires(false),
        ..form
    };
    let page = LoginPage::new(context.frame(), form, &messages::field_errors(errors), notice);
    Ok(reply::cacheable(reply::page(status, &page, &context.theme)?))
}
