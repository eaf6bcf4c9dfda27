//! Email verification: by link, by code, and resending the mail. GET and HEAD change nothing: mail scanners open links.

use std::sync::Arc;

use poem::{
    IntoResponse as _, Request, Response, handler,
    http::StatusCode,
    web::{Data, Redirect},
};

use super::{
    account_bodies, bodies,
    client::Client,
    common_errors,
    cookies::{CookieKind, Jar, PageCookies},
    error::AppError,
    form_reply::{self, transient},
    messages, next, query,
    reply::{self, EMAIL_TEXTS},
    request_context::RequestContext,
    response_format::ResponseFormat,
    session::Visitor,
    submission::Submission,
};
use crate::{
    accounts::{
        email_verification::{Link, PendingVerification, Resend, Verified, Verifier},
        rejection::Rejection,
        sessions::SignedIn,
    },
    app::App,
    domain::{
        field_error::{Field, FieldError},
        token::{CODE_MINUTES, VERIFICATION_LINK_HOURS},
    },
    views::{
        frame,
        pages::{NoticePage, ResendPage, VerifyEmailPage, VerifyLinkPage},
        texts::Message,
    },
};

#[handler]
pub(crate) async fn show(
    request: &Request,
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    PageCookies(cookies): PageCookies,
    Visitor(signed_in): Visitor,
) -> poem::Result<Response> {
    let page = Pages { app, context };
    let pending = Jar { cookies: &cookies, app }.pending();
    if let Some(token) = query::value(request, "token") {
        let verifier = Verifier { signed_in: signed_in.as_ref(), pending: pending.as_ref(), password: None };
        return match app.accounts.inspect_link(Some(&token), &verifier).await {
            Ok(link) => page.link(StatusCode::OK, link, token, &[], None),
            Err(rejection) => page.expired_link(rejection),
        };
    }
    // A pending sign-up takes precedence over the session.
    match (pending, signed_in) {
        (Some(pending), _) => page.code(StatusCode::OK, &pending.address, false, &[], None).map(reply::cacheable),
        (None, Some(signed_in)) => match &signed_in.account().email {
            Some(address) if !signed_in.account().is_verified => page.code(StatusCode::OK, address, false, &[], None),
            _ => Ok(Redirect::see_other(next::HOME).into_response()),
        },
        (None, None) => page.resend(StatusCode::OK, String::new(), &[], None),
    }
}

/// Verify an email address
///
/// By the token of a link, or by the code of the same mail. `GET` shows a page with a button and changes nothing.
#[utoipa::path(
    post,
    path = "/verify-email",
    operation_id = "verify_email",
    tag = "accounts",
    request_body = account_bodies::Verification,
    security((), ("bearer" = []), ("session" = [])),
    responses(
        (status = 204, description = "Address verified."),
        (status = 400, description = "The token or code is not accepted; the error code has the reason.",
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
    Visitor(signed_in): Visitor,
    mut submission: Submission,
) -> poem::Result<Response> {
    let jar = Jar { cookies: &cookies, app };
    let pending = jar.pending();
    let client = submission.with_proof_of_work(client, context.response_format)?;
    let token = submission.text(Field::Token.name())?;
    let code = submission.text(Field::Code.name())?;
    let identifier = submission.text(Field::Identifier.name())?.or(submission.text(Field::Email.name())?);
    let password = submission.secret(Field::Password)?;
    let verifier = Verifier { signed_in: signed_in.as_ref(), pending: pending.as_ref(), password };
    // An API client that sends neither gets the error of the token.
    let is_code = token.is_none() && (code.is_some() || context.response_format == ResponseFormat::Page);
    let done = if is_code {
        app.accounts.verify_by_code(code.as_deref(), verifier, identifier, &client).await
    } else {
        app.accounts.verify_by_link(token.as_deref(), verifier, &client).await
    };
    let page = Pages { app, context };
    let rejection = match (done, context.response_format) {
        (Ok(done), ResponseFormat::Page) => {
            jar.remove(CookieKind::Pending);
            return page.verified(&done, signed_in.is_some());
        }
        (Ok(_), _) => return Ok(reply::no_content()),
        (Err(rejection), _) => rejection,
    };
    let Rejection::Input(errors) = &rejection else {
        return page.submit_again(rejection.into(), token, pending, signed_in).await;
    };
    if context.response_format != ResponseFormat::Page {
        return Ok(reply::refused(errors, EMAIL_TEXTS, context, &app.site));
    }
    match (token, pending, signed_in) {
        (Some(token), ..) => {
            if errors.iter().any(|error| error.field() == Field::Token) {
                return page.expired_link(rejection);
            }
            match app.accounts.inspect_link(Some(&token), &Verifier::default()).await {
                Ok(link) if errors.contains(&FieldError::EmailTaken) => page.taken(&link.address),
                Ok(link) => page.link(StatusCode::BAD_REQUEST, link, token, errors, None),
                // It expired meanwhile.
                Err(rejection) => page.expired_link(rejection),
            }
        }
        (None, Some(pending), _) => {
            page.code(StatusCode::BAD_REQUEST, &pending.address, false, errors, None).map(reply::cacheable)
        }
        (None, None, Some(signed_in)) => {
            let address = signed_in.account().email.clone().unwrap_or_default();
            page.code(StatusCode::BAD_REQUEST, &address, false, errors, None)
        }
        // Without cookies the sign-up of the code is unknown.
        (None, None, None) => Ok(Redirect::see_other("/verify-email").into_response()),
    }
}

/// `GET /verify-email/resend`, such as after a reload.
#[handler]
pub(crate) fn back() -> Redirect {
    Redirect::see_other("/verify-email")
}

/// Resend the verification mail
///
/// The response is the same whether there is an unverified account. A mailbox gets at most 15 mails
/// an hour; excess is dropped silently.
#[utoipa::path(
    post,
    path = "/verify-email/resend",
    operation_id = "resend_verification",
    tag = "accounts",
    request_body = account_bodies::ResendBody,
    responses(
        (status = 202, description = "A mail is sent if the address is unverified.", body = bodies::Detail,
            example = json!({
                "detail": "If this address is still to be confirmed, an email with a new link is on its way."
            })),
        (status = 400, description = "The email address is invalid.", body = bodies::ValidationErrors),
        (status = 403, description = "Cross-site form post.", body = bodies::Detail),
        (status = 501, description = "No mail server is configured.", body = bodies::Detail),
        common_errors::CommonErrors
    )
)]
#[handler]
pub(crate) async fn resend(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    PageCookies(cookies): PageCookies,
    Visitor(signed_in): Visitor,
    mut submission: Submission,
) -> poem::Result<Response> {
    let client = submission.with_proof_of_work(client, context.response_format)?;
    let typed = submission.text(Field::Email.name())?;
    let pending = Jar { cookies: &cookies, app }.pending().filter(|_| typed.is_none());
    let signed_in = signed_in.filter(|_| typed.is_none());
    let (to, address) = match (&pending, &signed_in) {
        (Some(pending), _) => (Resend::Pending(pending), pending.address.clone()),
        (None, Some(signed_in)) => (Resend::SignedIn(signed_in), signed_in.account().email.clone().unwrap_or_default()),
        (None, None) => (Resend::Address(typed.clone()), typed.clone().unwrap_or_default()),
    };
    let page = Pages { app, context };
    match (app.accounts.resend_verification(to, &client).await, context.response_format) {
        (Ok(()), ResponseFormat::Page) if pending.is_some() => {
            page.code(StatusCode::OK, &address, true, &[], None).map(reply::cacheable)
        }
        (Ok(()), ResponseFormat::Page) if signed_in.is_some() => page.code(StatusCode::OK, &address, true, &[], None),
        (Ok(()), ResponseFormat::Page) => {
            let detail = Message::new("resend-sent").with("address", address.as_str());
            page.notice(StatusCode::OK, "resend-sent-title", detail, false, Some(("notice-sign-in", "/login")))
        }
        (Ok(()), _) => Ok(reply::accepted("resend-accepted", context)),
        (Err(rejection), _) => {
            form_reply::rejected(context, &app.site, rejection, "detail", |status, errors, notice| {
                if pending.is_some() {
                    page.code(status, &address, false, errors, notice).map(reply::cacheable)
                } else if signed_in.is_some() {
                    page.code(status, &address, false, errors, notice)
                } else {
                    page.resend(status, address, errors, notice)
                }
            })
        }
    }
}

/// The pages of links and codes.
#[derive(Clone, Copy)]
pub(crate) struct Pages<'a> {
    pub app: &'a App,
    pub context: &'a RequestContext,
}

impl Pages<'_> {
    /// The page that asks for the code. `address` is that of the pending sign-up or of the signed-in account.
    ///
    /// # Errors
    /// Rendering failed.
    pub(crate) fn code(
        self,
        status: StatusCode,
        address: &str,
        was_resent: bool,
        errors: &[FieldError],
        notice: Option<Message>,
    ) -> poem::Result<Response> {
        let (frame, errors) = (self.context.frame(), messages::field_errors(errors));
        let page = VerifyEmailPage::new(frame, address.to_owned(), CODE_MINUTES.into(), was_resent, &errors, notice);
        Ok(reply::page(status, &page, &self.context.theme).map_err(AppError::from)?)
    }

    fn link(
        self,
        status: StatusCode,
        link: Link,
        token: String,
        errors: &[FieldError],
        notice: Option<Message>,
    ) -> poem::Result<Response> {
        let (frame, errors) = (self.context.frame(), messages::field_errors(errors));
        let page = VerifyLinkPage::new(frame, link.address, token, link.asks_password, &errors, notice);
        Ok(reply::page(status, &page, &self.context.theme).map_err(AppError::from)?)
    }

    fn resend(
        self,
        status: StatusCode,
        typed: String,
        errors: &[FieldError],
        notice: Option<Message>,
    ) -> poem::Result<Response> {
        let can_mail = self.app.accounts.policy().sends_mail;
        let page = ResendPage::new(self.context.frame(), typed, can_mail, &messages::field_errors(errors), notice);
        let response = reply::page(status, &page, &self.context.theme).map_err(AppError::from)?;
        Ok(reply::cacheable(response))
    }

    /// The submitted form again, after a transient error.
    async fn submit_again(
        self,
        error: AppError,
        token: Option<String>,
        pending: Option<PendingVerification>,
        signed_in: Option<SignedIn>,
    ) -> poem::Result<Response> {
        if self.context.response_format != ResponseFormat::Page || !error.is_transient() {
            return Err(error.into());
        }
        if let Some(token) = token {
            let verifier = Verifier { signed_in: signed_in.as_ref(), pending: pending.as_ref(), password: None };
            let Ok(link) = self.app.accounts.inspect_link(Some(&token), &verifier).await else {
                return Err(error.into());
            };
            let attribute = if link.asks_password { "notice" } else { "detail" };
            return transient(self.context, error, attribute, |status, notice| {
                self.link(status, link, token, &[], Some(notice))
            });
        }
        let signed_up = pending.map(|pending| pending.address);
        let is_signed_up = signed_up.is_some();
        let address = signed_up.or_else(|| signed_in.and_then(|signed_in| signed_in.account().email.clone()));
        let Some(address) = address else { return Err(error.into()) };
        let response = transient(self.context, error, "detail", |status, notice| {
            self.code(status, &address, false, &[], Some(notice))
        })?;
        Ok(if is_signed_up { reply::cacheable(response) } else { response })
    }

    fn verified(self, verified: &Verified, is_signed_in: bool) -> poem::Result<Response> {
        let address = verified.address.as_str();
        let (title, detail) = if verified.is_change {
            ("email-changed-title", Message::new("email-changed-done").with("address", address))
        } else {
            ("verify-done-title", Message::new("verify-done").with("address", address))
        };
        if is_signed_in {
            return self.account_notice(StatusCode::OK, title, detail, true);
        }
        self.notice(StatusCode::OK, title, detail, true, Some(("notice-sign-in", "/login")))
    }

    /// Another account has the address.
    fn taken(self, address: &str) -> poem::Result<Response> {
        let detail = Message::new("email-taken-now").with("address", address);
        self.account_notice(StatusCode::BAD_REQUEST, "email-taken-title", detail, false)
    }

    /// An expired, used or replaced link.
    fn expired_link(self, rejection: Rejection) -> poem::Result<Response> {
        let Rejection::Input(errors) = rejection else { return Err(AppError::from(rejection).into()) };
        let detail = Message::new("verify-dead")
            .with("reason", reason(&errors))
            .with("hours", usize::from(VERIFICATION_LINK_HOURS));
        let action = match errors.first() {
            Some(FieldError::TokenUsed) => ("notice-sign-in", "/login"),
            _ => ("resend-title", "/verify-email"),
        };
        self.notice(StatusCode::BAD_REQUEST, "verify-dead-title", detail, false, Some(action))
    }

    /// A notice without data of a signed-in account.
    ///
    /// # Errors
    /// Rendering failed.
    pub(crate) fn notice(
        self,
        status: StatusCode,
        title: &'static str,
        detail: Message,
        is_done: bool,
        action: Option<(&'static str, &str)>,
    ) -> poem::Result<Response> {
        self.render_notice(status, title, detail, is_done, action).map(reply::cacheable)
    }

    /// As [`Self::notice`], for a signed-in account.
    fn account_notice(
        self,
        status: StatusCode,
        title: &'static str,
        detail: Message,
        is_done: bool,
    ) -> poem::Result<Response> {
        self.render_notice(status, title, detail, is_done, Some(("notice-account", next::HOME)))
    }

    fn render_notice(
        self,
        status: StatusCode,
        title: &'static str,
        detail: Message,
        is_done: bool,
        action: Option<(&'static str, &str)>,
    ) -> poem::Result<Response> {
        let action =
            action.map(|(label, href)| frame::Link { label: label.into(), href: href.to_owned() }).unwrap_or_default();
        // A notice shown once, or with a token in its URL, has no links to other languages.
        let frame = self.context.frame_without_languages();
        let page = NoticePage { frame, title: title.into(), detail, is_done, action };
        Ok(reply::page(status, &page, &self.context.theme).map_err(AppError::from)?)
    }
}

/// `reason` in the texts of an expired link.
#[must_use]
pub(crate) fn reason(errors: &[FieldError]) -> &'static str {
    match errors.first() {
        Some(FieldError::TokenUsed) => "used",
        Some(FieldError::TokenReplaced) => "replaced",
        _ => "expired",
    }
}
