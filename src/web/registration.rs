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
    common_errors,
    cookies::{CookieKind, Jar, PageCookies},
    error::AppError,
    form_reply, messages, reply,
    request_context::RequestContext,
    response_format::ResponseFormat,
    session::{self, Visitor},
    submission::Submission,
    verification::Pages,
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

/// Prefix of the flash for `/welcome`.
const WELCOME: &str = "welcome:";

/// Only pages ask for consent; API clients ask on their own.
fn endpoint_policy(context: &RequestContext) -> EndpointPolicy {
    EndpointPolicy {
        identifier: IdentifierKind::Email,
        full_name_required: false,
        any_password: false,
        consent_required: context.response_format == ResponseFormat::Page && context.theme.settings.terms_consent,
        signs_in: context.response_format == ResponseFormat::Page,
    }
}

#[handler]
pub(crate) fn home() -> Redirect {
    Redirect::see_other("/register")
}

#[handler]
pub(crate) fn show(Data(app): Data<&Arc<App>>, Data(context): Data<&RequestContext>) -> poem::Result<Response> {
    Ok(render(app, context, StatusCode::OK, Typed::default(), &[], None)?)
}

/// Sign up by email address
///
/// The sign-up page posts its form to the same address. A form is answered with a redirect to `/welcome`, or with the
/// page and its errors; with `Accept: application/json` it is answered like JSON.
#[utoipa::path(
    post,
    path = "/register",
    operation_id = "register",
    tag = "registration",
    request_body(content((bodies::SignUpByEmail = "application/json"), (bodies::SignUpByEmail = "application/x-www-form-urlencoded"))),
    responses(
        (status = 201, description = "Account created.", body = bodies::Registered),
        (status = 202, description = "With `CONCEAL_ACCOUNTS`: only the mail reveals whether there was an account.",
            body = bodies::Detail, example = json!({"detail": "Check the inbox of this address: we sent an email."})),
        (status = 303, description = "Account created; response to a form."),
        (status = 400, description = "The address is taken, or the input is invalid.", content(
            (bodies::ValidationErrors = "application/json"), (String = "text/html"))),
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
    let endpoint = endpoint_policy(context);
    // Bot checks cover forms only.
    let evidence = if context.response_format == ResponseFormat::Page { Some(submission.evidence()?) } else { None };
    let sign_up = SignUp { evidence: evidence.clone(), ..submission.into_sign_up(endpoint.identifier)? };
    let typed = Typed::of(&sign_up);
    let page = FormPage { app, context, client: &client, evidence: evidence.unwrap_or_default() };
    match (app.accounts.register(sign_up, endpoint, &client).await, context.response_format) {
        (Ok(registered), ResponseFormat::Page) => {
            // Its token is lost with the new cookie.
            if let (Registered::Made { session: Some(_), .. }, Some(previous)) = (&registered, previous)
                && let Err(error) = app.accounts.log_out(&previous, &client).await
            {
                tracing::warn!(%error, "failed to end previous session");
            }
            Ok(redirect_to_welcome(Jar { cookies: &cookies, app }, registered))
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
pub(crate) fn welcome(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    PageCookies(cookies): PageCookies,
    Visitor(signed_in): Visitor,
) -> poem::Result<Response> {
    let jar = Jar { cookies: &cookies, app };
    let flash_email = jar.take(CookieKind::Flash).and_then(|flash| flash.strip_prefix(WELCOME).map(str::to_owned));
    match (flash_email, jar.pending()) {
        (Some(email), Some(pending)) if pending.address == email => {
            Pages { app, context }.code(StatusCode::OK, &email, false, &[], None)
        }
        (Some(email), _) => {
            let confirms = app.accounts.policy().sends_mail;
            let page = WelcomePage::new(context.frame(), &email, signed_in.is_some(), confirms);
            Ok(reply::page(StatusCode::OK, &page, &context.theme).map_err(AppError::from)?)
        }
        (None, Some(_)) => Ok(Redirect::see_other("/verify-email").into_response()),
        (None, None) => Ok(Redirect::see_other("/register").into_response()),
    }
}

fn redirect_to_welcome(jar: Jar<'_>, registered: Registered) -> Response {
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
    jar.set(CookieKind::Flash, &format!("{WELCOME}{address}"));
    match pending {
        Some(pending) => jar.set_pending(&pending),
        None => jar.remove(CookieKind::Pending),
    }
    response
}

/// Input that is shown again; never the password.
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

/// The form shown again.
struct FormPage<'a> {
    app: &'a App,
    context: &'a RequestContext,
    client: &'a client::Client,
    evidence: Evidence,
}

impl FormPage<'_> {
    /// A challenged form stays challenged when shown again with errors.
    async fn challenge_again(&self, typed: &Typed) {
        if let Some(challenged) =
            self.app.accounts.bots().challenge_again(&self.evidence, &typed.email, self.client).await
        {
            self.context.set_challenge(&challenged);
        }
    }

    /// 429 for too many sign-ups (RFC 6585, section 4), 403 where waiting does not help.
    fn challenge(&self, typed: Typed, challenged: &Challenged) -> Result<Response, AppError> {
        let status =
            if challenged.retry_after.is_some() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::FORBIDDEN };
        self.context.set_challenge(challenged);
        let mut response =
            render(self.app, self.context, status, typed, &[], Some(messages::challenge_notice(challenged)))?;
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
    let policy = &app.accounts.policy().password;
    let form = SignUpForm {
        full_name: typed.full_name,
        email: typed.email,
        accepts_terms: typed.accepts_terms,
        asks_for_consent: endpoint_policy(context).consent_required,
        password_min: policy.min_characters,
        password_max: PASSWORD_MAX_CHARACTERS,
        stamp: app.accounts.bots().timestamp().unwrap_or_default(),
    };
    let page = RegisterPage::new(context.frame(), form, &messages::field_errors(errors), notice);
    Ok(reply::cacheable(reply::page(status, &page, &context.theme)?))
}
