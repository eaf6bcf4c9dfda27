//! Responses to a rejected form: the page again with its errors. API clients get them in their response format.

use poem::{Response, http::StatusCode};

use super::{
    error::AppError,
    reply::{self, EMAIL_TEXTS},
    request_context::RequestContext,
    response_format::ResponseFormat,
};
use crate::{accounts::rejection::Rejection, app::Site, domain::field_error::FieldError, views::texts::Message};

/// Shows field errors at their fields and a transient error above the form ([`transient`]). `render` renders the page.
///
/// # Errors
/// Every other rejection.
pub(super) fn rejected<E: Into<poem::Error>>(
    context: &RequestContext,
    site: &Site,
    rejection: Rejection,
    attribute: &str,
    render: impl FnOnce(StatusCode, &[FieldError], Option<Message>) -> Result<Response, E>,
) -> poem::Result<Response> {
    match (rejection, context.response_format) {
        (Rejection::Input(errors), ResponseFormat::Page) => {
            render(StatusCode::BAD_REQUEST, &errors, None).map_err(Into::into)
        }
        (Rejection::Input(errors), _) => Ok(reply::refused(&errors, EMAIL_TEXTS, context, site)),
        (other, _) => transient(context, other.into(), attribute, |status, notice| render(status, &[], Some(notice))),
    }
}

/// Shows a form again after a transient error, filled in, with an attribute of the error's text above it: `notice`, or
/// `detail` for a form without a password.
///
/// # Errors
/// Every other error.
pub(super) fn transient<E: Into<poem::Error>>(
    context: &RequestContext,
    error: AppError,
    attribute: &str,
    render: impl FnOnce(StatusCode, Message) -> Result<Response, E>,
) -> poem::Result<Response> {
    if context.response_format != ResponseFormat::Page || !error.is_transient() {
        return Err(error.into());
    }
    error.log();
    let notice = notice_of(context, &error, attribute);
    let mut response = render(error.info().status, notice).map_err(Into::into)?;
    error.add_headers(&mut response);
    Ok(response)
}

/// The notice above a form shown again, by an attribute of the error's text. Adds the challenge, if any, to the form.
pub(super) fn notice_of(context: &RequestContext, error: &AppError, attribute: &str) -> Message {
    match error.challenged() {
        Some(challenged) => {
            context.set_challenge(challenged);
            "proof-crowd".into()
        }
        None => error.info().attribute(attribute),
    }
}
