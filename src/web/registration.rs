//! The sign-up page, and `/register` for forms and JSON.

use std::sync::Arc;

use poem::{
    IntoResponse as _, Response, handler,
    http::StatusCode,
    web::{Data, Redirect},
};

use super::{
    bodies,
    client::Client,
    cookies::{Carried, Jar, PageCookies},
    error::AppError,
    form_reply, reply,
    request_context::RequestContext,
    response_format::ResponseFormat,
    session::{self, Visitor},
    submission::Submission,
    verification::Pages,
    words,
};
use crate::{
    accounts::{
        bots::{Challenged, Evidence},
        registration::{EndpointPolicy, IdentifierKind, Registered, SignUp},
        rejection::Rejection,
    },
    app::App,
    domain::{
        client,
        field_error::{FieldError, PASSWORD_MAX_CHARACTERS},
    },
    views::{
        pages::{RegisterPage, SignUpForm, WelcomePage},
        texts::Message,
    },
};

/// Begins what the flash has for the page after the sign-up.
const WELCOME: &str = "welcome:";

/// Programs have asked for consent on pages of their own, if there is something to consent to.
fn terms(context: &RequestContext) -> EndpointPolicy {
    EndpointPolicy {
        identifier: IdentifierKind::Email,
        full_name_required: false,
        any_password: false,
        consent_required: context.response_format == ResponseFormat::Page && context.theme.settings.terms_consent,
        signs_in: context.response_format == ResponseFormat::Page,
    }
}

#[handler]
pub fn home() -> Redirect {
    Redirect::see_other("/register")
}

#[handler]
pub fn show(Data(app): Data<&Arc<App>>, Data(context): Data<&RequestContext>) -> poem::Result<Response> {
    Ok(render(app, context, StatusCode::OK, Typed::default(), &[], None)?)
}

#[handler]
pub async fn submit(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    PageCookies(cookies): PageCookies,
    Visitor(before): Visitor,
    mut submission: Submission,
) -> poem::Result<Response> {
    let terms = terms(context);
    // Programs are held by limits alone.
    let evidence = if context.response_format == ResponseFormat::Page { Some(submission.evidence()?) } else { None };
    let sign_up = SignUp { evidence: evidence.clone(), ..submission.into_sign_up(terms.identifier)? };
    let typed = Typed::of(&sign_up);
    let page = FormPage { app, context, client: &client, evidence: evidence.unwrap_or_default() };
    match (app.accounts.register(sign_up, terms, &client).await, context.response_format) {
        (Ok(registered), ResponseFormat::Page) => {
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
        (Ok(Registered::CheckInbox(_)), _) => Ok(reply::accepted("check-inbox", context)),
        (Err(Rejection::Challenged(challenged)), ResponseFormat::Page) => Ok(page.challenge(typed, &challenged)?),
        (Err(rejection), _) => {
            page.challenge_again(&typed).await;
            form_reply::rejected(context, &app.site, rejection, "notice", |status, errors, notice| {
                render(app, context, status, typed, errors, notice)
            })
        }
    }
}

#[handler]
pub fn welcome(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    PageCookies(cookies): PageCookies,
    Visitor(signed_in): Visitor,
) -> poem::Result<Response> {
    let jar = Jar { cookies: &cookies, app };
    let made_for = jar.take(Carried::Flash).and_then(|flash| flash.strip_prefix(WELCOME).map(str::to_owned));
    match (made_for, jar.pending()) {
        (Some(email), Some(pending)) if pending.address == email => {
            Pages { app, context }.code(StatusCode::OK, &email, false, &[], None)
        }
        (Some(email), _) => {
            let confirms = app.accounts.rules().sends_mail;
            let page = WelcomePage::new(context.frame(), &email, signed_in.is_some(), confirms);
            Ok(reply::page(StatusCode::OK, &page, &context.theme).map_err(AppError::from)?)
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
    context: &'a RequestContext,
    client: &'a client::Client,
    evidence: Evidence,
}

impl FormPage<'_> {
    /// A form that was challenged once stays so when it comes back with a mistake.
    async fn challenge_again(&self, typed: &Typed) {
        if let Some(challenged) =
            self.app.accounts.bots().challenge_again(&self.evidence, &typed.email, self.client).await
        {
            self.context.ask(&challenged);
        }
    }

    /// 429 where it is the number of sign-ups (RFC 6585, section 4), 403 where waiting would not help.
    fn challenge(&self, typed: Typed, challenged: &Challenged) -> Result<Response, AppError> {
        let status =
            if challenged.retry_after.is_some() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::FORBIDDEN };
        self.context.ask(challenged);
        let mut response = render(self.app, self.context, status, typed, &[], Some(words::proof_notice(challenged)))?;
        if let Some(retry_after) = challenged.retry_after {
            AppError::TooManyRequests { retry_after, challenged: None }.add_headers(&mut response);
        }
        Ok(response)
    }
}

fn render(
    app: &App,
    context: &RequestContext,
    status: StatusCode,
    typed: Typed,
    errors: &[FieldError],
    notice: Option<Message>,
) -> Result<Response, AppError> {
    let policy = &app.accounts.rules().password;
    let form = SignUpForm {
        full_name: typed.full_name,
        email: typed.email,
        accepts_terms: typed.accepts_terms,
        asks_for_consent: terms(context).consent_required,
        password_min: policy.min_characters,
        password_max: PASSWORD_MAX_CHARACTERS,
        stamp: app.accounts.bots().timestamp().unwrap_or_default(),
    };
    let page = RegisterPage::new(context.frame(), form, &words::faults(errors), notice);
    Ok(reply::kept(reply::page(status, &page, &context.theme)?))
}
