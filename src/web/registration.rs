//! The sign-up page, and `/register` for forms and JSON.

use std::sync::Arc;

use poem::{
    IntoResponse as _, Response, handler,
    http::StatusCode,
    web::{Data, Redirect},
};

use super::{
    audience::Audience,
    bodies,
    client::Client,
    cookies::{Carried, Jar, PageCookies},
    error::AppError,
    face::Face,
    reply::{self, Door},
    session::{self, Visitor},
    submission::Submission,
    verification::Pages,
    words,
};
use crate::{
    accounts::{
        audit,
        bots::{Asked, Evidence},
        form::FieldError,
        password::MAX_CHARACTERS,
        registration::{IdentifierKind, Registered, SignUp, Terms},
        rejection::Rejection,
    },
    app::App,
    views::{
        pages::{RegisterPage, SignUpForm, WelcomePage},
        texts::Message,
    },
};

const DOOR: Door = Door { taken: "taken-email" };
/// Begins what the flash has for the page after the sign-up.
const WELCOME: &str = "welcome:";

/// Programs have asked for consent on pages of their own, if there is something to consent to.
fn terms(audience: &Audience) -> Terms {
    Terms {
        identifier: IdentifierKind::Email,
        full_name_required: false,
        any_password: false,
        consent_required: audience.face == Face::Page && audience.appearance.settings.terms_consent,
        signs_in: audience.face == Face::Page,
    }
}

#[handler]
pub fn home() -> Redirect {
    Redirect::see_other("/register")
}

#[handler]
pub fn show(Data(app): Data<&Arc<App>>, Data(audience): Data<&Audience>) -> poem::Result<Response> {
    Ok(render(app, audience, StatusCode::OK, Typed::default(), &[], None)?)
}

#[handler]
pub async fn submit(
    Data(app): Data<&Arc<App>>,
    Data(audience): Data<&Audience>,
    Client(client): Client,
    PageCookies(cookies): PageCookies,
    Visitor(before): Visitor,
    mut submission: Submission,
) -> poem::Result<Response> {
    let terms = terms(audience);
    // Programs are held by limits alone.
    let evidence = if audience.face == Face::Page { Some(submission.evidence()?) } else { None };
    let sign_up = SignUp { evidence: evidence.clone(), ..submission.into_sign_up(terms.identifier)? };
    let typed = Typed::of(&sign_up);
    let page = FormPage { app, audience, client: &client, evidence: evidence.unwrap_or_default() };
    match (app.accounts.register(sign_up, terms, &client).await, audience.face) {
        (Ok(registered), Face::Page) => {
            // Its cookie makes way, so nobody could end it any more.
            if let (Registered::Made { session: Some(_), .. }, Some(before)) = (&registered, before)
                && let Err(error) = app.accounts.log_out(&before, &client).await
            {
                tracing::warn!(%error, "the session before could not be ended");
            }
            Ok(welcomed(Jar { cookies: &cookies, app }, registered))
        }
        (Ok(Registered::Made { account, .. }), _) => {
            Ok(reply::json(StatusCode::CREATED, &bodies::Registered::from(account)))
        }
        (Ok(Registered::CheckInbox(_)), _) => Ok(reply::accepted("check-inbox", audience)),
        (Err(Rejection::Input(errors)), Face::Page) => {
            page.ask_again(&typed).await;
            Ok(render(app, audience, StatusCode::BAD_REQUEST, typed, &errors, None)?)
        }
        (Err(Rejection::Input(errors)), _) => Ok(reply::refused(&errors, DOOR, audience, &app.site)),
        (Err(Rejection::MoreAsked(asked)), Face::Page) => Ok(page.ask(typed, &asked)?),
        (Err(other), _) => {
            page.ask_again(&typed).await;
            not_now(audience, other.into(), "notice", |status, notice| {
                render(app, audience, status, typed, &[], Some(notice))
            })
        }
    }
}

/// A form that could not be taken just now comes back filled in, with an attribute of the error's text above it: `notice`, or
/// `detail` where the form has no password. Everything else goes the way of all errors.
///
/// # Errors
/// Everything else.
pub fn not_now<E: Into<poem::Error>>(
    audience: &Audience,
    error: AppError,
    attribute: &str,
    again: impl FnOnce(StatusCode, Message) -> Result<Response, E>,
) -> poem::Result<Response> {
    if audience.face != Face::Page || !error.may_pass() {
        return Err(error.into());
    }
    error.log();
    let notice = notice_of(audience, &error, attribute);
    let mut response = again(error.info().status, notice).map_err(Into::into)?;
    error.add_headers(&mut response);
    Ok(response)
}

/// Why a form comes back, by an attribute of the error's text. From now on pages have the challenge, where there is one.
pub fn notice_of(audience: &Audience, error: &AppError, attribute: &str) -> Message {
    match error.asked() {
        Some(asked) => {
            audience.ask(asked);
            "proof-crowd".into()
        }
        None => error.info().attribute(attribute),
    }
}

#[handler]
pub fn welcome(
    Data(app): Data<&Arc<App>>,
    Data(audience): Data<&Audience>,
    PageCookies(cookies): PageCookies,
    Visitor(signed_in): Visitor,
) -> poem::Result<Response> {
    let jar = Jar { cookies: &cookies, app };
    let made_for = jar.take(Carried::Flash).and_then(|flash| flash.strip_prefix(WELCOME).map(str::to_owned));
    match (made_for, jar.pending()) {
        (Some(email), Some(pending)) if pending.address == email => {
            Pages { app, audience }.code(StatusCode::OK, &email, false, &[], None)
        }
        (Some(email), _) => {
            let confirms = app.accounts.rules.sends_mail;
            let page = WelcomePage::new(audience.frame(), &email, signed_in.is_some(), confirms);
            Ok(reply::page(StatusCode::OK, &page, &audience.appearance).map_err(AppError::from)?)
        }
        (None, Some(_)) => Ok(Redirect::see_other("/verify-email").into_response()),
        (None, None) => Ok(Redirect::see_other("/register").into_response()),
    }
}

fn welcomed(jar: Jar<'_>, registered: Registered) -> Response {
    let mut response = Redirect::see_other("/welcome").into_response();
    let (address, pending) = match registered {
        Registered::Made { account, session, devices, pending } => {
            if let Some(token) = session {
                session::set(&mut response, &token, jar.app);
                jar.set_devices(&devices);
            }
            (account.email.unwrap_or_default(), pending)
        }
        Registered::CheckInbox(pending) => (pending.address.clone(), Some(pending)),
    };
    jar.set(Carried::Flash, &format!("{WELCOME}{address}"));
    match pending {
        Some(pending) => jar.set_pending(&pending),
        None => jar.remove(Carried::Pending),
    }
    response
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

/// The form as it comes back.
struct FormPage<'a> {
    app: &'a App,
    audience: &'a Audience,
    client: &'a audit::Client,
    evidence: Evidence,
}

impl FormPage<'_> {
    /// A form that was asked for more once is not let off by a mistake.
    async fn ask_again(&self, typed: &Typed) {
        if let Some(asked) = self.app.accounts.ask_again(&self.evidence, &typed.email, self.client).await {
            self.audience.ask(&asked);
        }
    }

    /// 429 where it is the number of sign-ups (RFC 6585, section 4), 403 where waiting would not help.
    fn ask(&self, typed: Typed, asked: &Asked) -> Result<Response, AppError> {
        let status = if asked.retry_after.is_some() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::FORBIDDEN };
        self.audience.ask(asked);
        let mut response = render(self.app, self.audience, status, typed, &[], Some(words::proof_notice(asked)))?;
        if let Some(retry_after) = asked.retry_after {
            AppError::TooManyRequests { retry_after, asked: None }.add_headers(&mut response);
        }
        Ok(response)
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
    let policy = &app.accounts.rules.password;
    let form = SignUpForm {
        full_name: typed.full_name,
        email: typed.email,
        accepts_terms: typed.accepts_terms,
        asks_for_consent: terms(audience).consent_required,
        password_min: policy.min_characters,
        password_max: MAX_CHARACTERS,
        stamp: app.accounts.bots.stamp(app.accounts.clock.now()).unwrap_or_default(),
    };
    let page = RegisterPage::new(audience.frame(), form, &words::faults(errors), notice);
    Ok(reply::kept(reply::page(status, &page, &audience.appearance)?))
}
