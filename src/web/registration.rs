//! The sign-up page, and `/register` for forms and JSON.

use std::sync::Arc;

use poem::{
    IntoResponse as _, Response, handler,
    http::{HeaderValue, StatusCode, header},
    web::{Data, Redirect},
};
use tower_cookies::Cookies;

use super::{
    bodies::Registered,
    cookies::{Flash, PageCookies},
    error::{AppError, ErrorInfo},
    face::Face,
    reply::{self, Door},
    submission::Submission,
};
use crate::{
    accounts::{
        Account,
        form::FieldError,
        registration::{IdentifierKind, Registration, Rejection, SignUp, Terms},
    },
    app::App,
    views::{register::RegisterPage, welcome::WelcomePage},
};

const TERMS: Terms = Terms { identifier: IdentifierKind::Email, full_name_required: false, any_password: false };
const DOOR: Door = Door { taken: "Email already registered" };

#[handler]
pub fn home() -> Redirect {
    Redirect::see_other("/register")
}

#[handler]
pub fn show(Data(app): Data<&Arc<App>>) -> poem::Result<Response> {
    let mut response = render(app, StatusCode::OK, Typed::default(), &[], None)?;
    // Nothing typed is on it, so going back may show it at once.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

#[handler]
pub async fn submit(
    Data(app): Data<&Arc<App>>,
    face: Face,
    PageCookies(cookies): PageCookies,
    submission: Submission,
) -> poem::Result<Response> {
    let sign_up = submission.into_sign_up(TERMS.identifier)?;
    let typed = Typed::of(&sign_up);
    match (app.registration.register(sign_up, TERMS).await, face) {
        (Ok(account), Face::Page) => Ok(welcomed(app, &cookies, &account)),
        (Ok(account), _) => Ok(reply::json(StatusCode::CREATED, &Registered::from(account))),
        (Err(Rejection::Input(errors)), Face::Page) => Ok(render(app, StatusCode::BAD_REQUEST, typed, &errors, None)?),
        (Err(Rejection::Input(errors)), _) => Ok(reply::refused(&errors, DOOR, face, &app.site)),
        (Err(other), face) => not_now(app, typed, other.into(), face),
    }
}

/// A form that could not be taken just now comes back filled in; everything else goes the way of all errors.
fn not_now(app: &App, typed: Typed, error: AppError, face: Face) -> poem::Result<Response> {
    if face != Face::Page || !matches!(error, AppError::Busy { .. } | AppError::Uncertain(_)) {
        return Err(error.into());
    }
    error.log();
    let info = error.info();
    let mut response = render(app, info.status, typed, &[], Some(notice(&info)))?;
    error.add_headers(&mut response);
    Ok(response)
}

/// What stands above the form that comes back.
#[must_use]
pub fn notice(info: &ErrorInfo) -> String {
    format!("{}. {} Your password is not kept, so enter it again.", info.title, info.advice)
}

#[handler]
pub fn welcome(Data(app): Data<&Arc<App>>, PageCookies(cookies): PageCookies) -> poem::Result<Response> {
    match (Flash { cookies: &cookies, app }).take() {
        Some(email) => Ok(reply::page(StatusCode::OK, &WelcomePage::new(&email)).map_err(AppError::from)?),
        None => Ok(Redirect::see_other("/register").into_response()),
    }
}

fn welcomed(app: &App, cookies: &Cookies, account: &Account) -> Response {
    Flash { cookies, app }.set(account.email.as_deref().unwrap_or_default());
    Redirect::see_other("/welcome").into_response()
}

/// What may be shown again; the password is not among it.
#[derive(Debug, Default)]
struct Typed {
    full_name: String,
    email: String,
}

impl Typed {
    fn of(sign_up: &SignUp) -> Self {
        Self {
            full_name: sign_up.full_name.clone().unwrap_or_default(),
            email: sign_up.email.clone().unwrap_or_default(),
        }
    }
}

fn render(
    app: &App,
    status: StatusCode,
    typed: Typed,
    errors: &[FieldError],
    notice: Option<String>,
) -> Result<Response, AppError> {
    let Registration { policy, .. } = &app.registration;
    let page = RegisterPage::new(typed.full_name, typed.email, policy.min_characters, errors, notice);
    Ok(reply::page(status, &page)?)
}
