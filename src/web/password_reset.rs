//! A forgotten password: asking for the link, and using it.
//!
//! The token leaves the address bar at once: it is kept in a cookie for the page that asks for the new password, which
//! then carries it in its form.

use std::sync::Arc;

use poem::{
    IntoResponse as _, Request, Response, handler,
    http::{HeaderValue, StatusCode, header},
    web::{Data, Redirect},
};

use super::{
    audience::Audience,
    client::Client,
    cookies::{Carried, Jar, PageCookies},
    error::AppError,
    face::Face,
    login::DOOR,
    query, registration, reply,
    submission::Submission,
    verification::{Pages, reason},
    words,
};
use crate::{
    accounts::{
        form::{Field, FieldError},
        password::MAX_CHARACTERS,
        password_reset::LINK_MINUTES,
        rejection::Rejection,
    },
    app::App,
    views::{
        pages::{ForgotPasswordPage, ResetPasswordForm, ResetPasswordPage},
        texts::Message,
    },
};

#[handler]
pub fn show_forgot(Data(app): Data<&Arc<App>>, Data(audience): Data<&Audience>) -> poem::Result<Response> {
    Ok(forgot_page(app, audience, StatusCode::OK, String::new(), &[], None)?)
}

/// `POST /forgot-password`
#[handler]
pub async fn forgot(
    Data(app): Data<&Arc<App>>,
    Data(audience): Data<&Audience>,
    Client(client): Client,
    mut submission: Submission,
) -> poem::Result<Response> {
    let client = submission.proven(client, audience.face)?;
    let typed = submission.text(Field::Email.name())?;
    let asked = app.accounts.forgot_password(typed.as_deref(), &client).await;
    let typed = typed.unwrap_or_default();
    match (asked, audience.face) {
        (Ok(()), Face::Page) => {
            let detail = Message::new("forgot-sent").with("address", typed.trim());
            let action = Some(("notice-sign-in", "/login"));
            Pages { app, audience }.notice(StatusCode::OK, "forgot-sent-title", detail, false, action)
        }
        (Ok(()), _) => Ok(reply::accepted("forgot-accepted", audience)),
        (Err(Rejection::Input(errors)), Face::Page) => {
            Ok(forgot_page(app, audience, StatusCode::BAD_REQUEST, typed, &errors, None)?)
        }
        (Err(Rejection::Input(errors)), _) => Ok(reply::refused(&errors, DOOR, audience, &app.site)),
        (Err(other), Face::Page) => registration::not_now(audience, other.into(), "detail", |status, notice| {
            forgot_page(app, audience, status, typed, &[], Some(notice))
        }),
        (Err(other), _) => Err(AppError::from(other).into()),
    }
}

fn forgot_page(
    app: &App,
    audience: &Audience,
    status: StatusCode,
    typed: String,
    errors: &[FieldError],
    notice: Option<Message>,
) -> Result<Response, AppError> {
    let can_mail = app.accounts.rules.sends_mail;
    let page = ForgotPasswordPage::new(audience.frame(), typed, can_mail, &words::faults(errors), notice);
    Ok(reply::kept(reply::page(status, &page, &audience.appearance)?))
}

#[handler]
pub async fn show(
    request: &Request,
    Data(app): Data<&Arc<App>>,
    Data(audience): Data<&Audience>,
    PageCookies(cookies): PageCookies,
) -> poem::Result<Response> {
    let jar = Jar { cookies: &cookies, app };
    let response = if let Some(token) = query::value(request, "token") {
        jar.set(Carried::Reset, &token);
        Ok(Redirect::see_other("/reset-password").into_response())
    } else if let Some(token) = jar.get(Carried::Reset) {
        match app.accounts.inspect_reset(Some(&token)).await {
            Ok(address) => Ok(reset_page(app, audience, StatusCode::OK, (address, token), &[], None)?),
            Err(rejection) => dead(app, audience, rejection),
        }
    } else {
        let action = Some(("forgot-again", "/forgot-password"));
        let title = "reset-cookies-title";
        Pages { app, audience }.notice(StatusCode::BAD_REQUEST, title, "reset-cookies".into(), false, action)
    };
    response.map(without_referrer)
}

/// `POST /reset-password`
#[handler]
pub async fn submit(
    Data(app): Data<&Arc<App>>,
    Data(audience): Data<&Audience>,
    Client(client): Client,
    PageCookies(cookies): PageCookies,
    mut submission: Submission,
) -> poem::Result<Response> {
    let client = submission.proven(client, audience.face)?;
    let token = submission.text(Field::Token.name())?;
    let password = submission.secret(Field::Password)?;
    let reset = app.accounts.reset_password(token.as_deref(), password, &client).await;
    let response = match (reset, audience.face) {
        (Ok(devices), Face::Page) => {
            let jar = Jar { cookies: &cookies, app };
            jar.remove(Carried::Reset);
            jar.set_devices(&devices);
            let action = Some(("notice-sign-in", "/login"));
            let title = "reset-done-title";
            Pages { app, audience }.notice(StatusCode::OK, title, "reset-done".into(), true, action)
        }
        (Ok(_), _) => Ok(reply::nothing()),
        (Err(Rejection::Input(errors)), Face::Page) if errors.iter().any(|error| error.field() == Field::Password) => {
            let token = token.unwrap_or_default();
            match app.accounts.inspect_reset(Some(&token)).await {
                Ok(address) => Ok(reset_page(app, audience, StatusCode::BAD_REQUEST, (address, token), &errors, None)?),
                // It died at this very moment.
                Err(rejection) => dead(app, audience, rejection),
            }
        }
        (Err(rejection @ Rejection::Input(_)), Face::Page) => dead(app, audience, rejection),
        (Err(Rejection::Input(errors)), _) => Ok(reply::refused(&errors, DOOR, audience, &app.site)),
        (Err(other), Face::Page) => {
            let token = token.unwrap_or_default();
            match app.accounts.inspect_reset(Some(&token)).await {
                Ok(address) => registration::not_now(audience, other.into(), "notice", |status, notice| {
                    reset_page(app, audience, status, (address, token), &[], Some(notice))
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
    audience: &Audience,
    status: StatusCode,
    (address, token): (String, String),
    errors: &[FieldError],
    notice: Option<Message>,
) -> Result<Response, AppError> {
    let password_min = app.accounts.rules.password.min_characters;
    let form = ResetPasswordForm { address, token, password_min, password_max: MAX_CHARACTERS };
    let page = ResetPasswordPage::new(audience.frame(), form, &words::faults(errors), notice);
    Ok(reply::page(status, &page, &audience.appearance)?)
}

/// Why a link is of no use.
fn dead(app: &App, audience: &Audience, rejection: Rejection) -> poem::Result<Response> {
    let Rejection::Input(errors) = rejection else { return Err(AppError::from(rejection).into()) };
    let detail = Message::new("reset-dead").with("reason", reason(&errors)).with("minutes", usize::from(LINK_MINUTES));
    let action = Some(("forgot-again", "/forgot-password"));
    Pages { app, audience }.notice(StatusCode::BAD_REQUEST, "reset-dead-title", detail, false, action)
}

/// No page that is gone to from here learns where somebody came from.
fn without_referrer(mut response: Response) -> Response {
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
