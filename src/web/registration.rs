//! The sign-up page, and `/register` for forms and JSON.

use std::sync::Arc;

use poem::{
    IntoResponse as _, Response, handler,
    http::{HeaderValue, StatusCode, header},
    web::{Data, Redirect},
};
use tower_cookies::Cookies;

use super::{
    audience::Audience,
    bodies::Registered,
    cookies::{Flash, PageCookies},
    error::AppError,
    face::Face,
    reply::{self, Door},
    submission::Submission,
    words,
};
use crate::{
    accounts::{
        Account,
        form::FieldError,
        password::MAX_CHARACTERS,
        registration::{IdentifierKind, Registration, Rejection, SignUp, Terms},
    },
    app::App,
    views::{
        pages::{RegisterPage, SignUpForm, WelcomePage},
        texts::Message,
    },
};

const DOOR: Door = Door { taken: "taken-email" };

/// Programs have asked for consent on pages of their own, if there is something to consent to.
fn terms(audience: &Audience) -> Terms {
    Terms {
        identifier: IdentifierKind::Email,
        full_name_required: false,
        any_password: false,
        consent_required: audience.face == Face::Page && audience.appearance.settings.terms_consent,
    }
}

#[handler]
pub fn home() -> Redirect {
    Redirect::see_other("/register")
}

#[handler]
pub fn show(Data(app): Data<&Arc<App>>, Data(audience): Data<&Audience>) -> poem::Result<Response> {
    let mut response = render(app, audience, StatusCode::OK, Typed::default(), &[], None)?;
    // Nothing typed is on it, so going back may show it at once.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

#[handler]
pub async fn submit(
    Data(app): Data<&Arc<App>>,
    Data(audience): Data<&Audience>,
    PageCookies(cookies): PageCookies,
    submission: Submission,
) -> poem::Result<Response> {
    let terms = terms(audience);
    let sign_up = submission.into_sign_up(terms.identifier)?;
    let typed = Typed::of(&sign_up);
    match (app.registration.register(sign_up, terms).await, audience.face) {
        (Ok(account), Face::Page) => Ok(welcomed(app, &cookies, &account)),
        (Ok(account), _) => Ok(reply::json(StatusCode::CREATED, &Registered::from(account))),
        (Err(Rejection::Input(errors)), Face::Page) => {
            Ok(render(app, audience, StatusCode::BAD_REQUEST, typed, &errors, None)?)
        }
        (Err(Rejection::Input(errors)), _) => Ok(reply::refused(&errors, DOOR, audience, &app.site)),
        (Err(other), _) => not_now(app, typed, other.into(), audience),
    }
}

/// A form that could not be taken just now comes back filled in; everything else goes the way of all errors.
fn not_now(app: &App, typed: Typed, error: AppError, audience: &Audience) -> poem::Result<Response> {
    if audience.face != Face::Page || !matches!(error, AppError::Busy { .. } | AppError::Uncertain(_)) {
        return Err(error.into());
    }
    error.log();
    let info = error.info();
    let mut response = render(app, audience, info.status, typed, &[], Some(info.attribute("notice")))?;
    error.add_headers(&mut response);
    Ok(response)
}

#[handler]
pub fn welcome(
    Data(app): Data<&Arc<App>>,
    Data(audience): Data<&Audience>,
    PageCookies(cookies): PageCookies,
) -> poem::Result<Response> {
    match (Flash { cookies: &cookies, app }).take() {
        Some(email) => {
            let page = WelcomePage::new(audience.frame(), &email);
            Ok(reply::page(StatusCode::OK, &page, &audience.appearance).map_err(AppError::from)?)
        }
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
    accepts_terms: bool,
}

impl Typed {
    fn of(sign_up: &SignUp) -> Self {
        Self {
            full_name: sign_up.full_name.clone().unwrap_or_default(),
            email: sign_up.email.clone().unwrap_or_default(),
            accepts_terms: sign_up.accepts_terms,
        }
    }
}

fn render(
    app: &App,
    audience: &Audience,
    status: StatusCode,
    typed: Typed,
    errors: &[FieldError],
    notice: Option<Message>,
) -> Result<Response, AppError> {
    let Registration { policy, .. } = &app.registration;
    let form = SignUpForm {
        full_name: typed.full_name,
        email: typed.email,
        accepts_terms: typed.accepts_terms,
        asks_for_consent: terms(audience).consent_required,
        password_min: policy.min_characters,
        password_max: MAX_CHARACTERS,
    };
    let page = RegisterPage::new(audience.frame(), form, &words::faults(errors), notice);
    Ok(reply::page(status, &page, &audience.appearance)?)
}
