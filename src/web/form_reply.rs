//! The answer to a form that was not accepted: the same page again, with what is wrong. Programs get it in their response format.

use poem::{Response, http::StatusCode};

use super::{
    error::AppError,
    reply::{self, EMAIL_TEXTS},
    request_context::RequestContext,
    response_format::ResponseFormat,
};
use crate::{accounts::rejection::Rejection, app::Site, domain::field_error::FieldError, views::texts::Message};

/// Answers a rejection: broken rules stand at their fields, what may pass above the form (see [`not_now`]). `again` renders the page.
///
/// # Errors
/// Every other rejection.
pub fn rejected<E: Into<poem::Error>>(
    context: &RequestContext,
    site: &Site,
    rejection: Rejection,
    attribute: &str,
    again: impl FnOnce(StatusCode, &[FieldError], Option<Message>) -> Result<Response, E>,
) -> poem::Result<Response> {
    match (rejection, context.response_format) {
        (Rejection::Input(errors), ResponseFormat::Page) => {
            again(StatusCode::BAD_REQUEST, &errors, None).map_err(Into::into)
        }
        (Rejection::Input(errors), _) => Ok(reply::refused(&errors, EMAIL_TEXTS, context, site)),
        (other, _) => not_now(context, other.into(), attribute, |status, notice| again(status, &[], Some(notice))),
    }
}

/// A form that could not be taken just now comes back filled in, with an attribute of the error's text above it: `notice`, or
/// `detail` where the form has no password. Everything else goes the way of all errors.
///
/// # Errors
/// Everything else.
pub fn not_now<E: Into<poem::Error>>(
    context: &RequestContext,
    error: AppError,
    attribute: &str,
    again: impl FnOnce(StatusCode, Message) -> Result<Response, E>,
) -> poem::Result<Response> {
    if context.response_format != ResponseFormat::Page || !error.may_pass() {
        return Err(error.into());
    }
    error.log();
    let notice = notice_of(context, &error, attribute);
    let mut response = again(error.info().status, notice).map_err(Into::into)?;
    error.add_headers(&mut response);
    Ok(response)
}

/// Why a form comes back, by an attribute of the error's text. From now on pages have the challenge, where there is one.
pub fn notice_of(context: &RequestContext, error: &AppError, attribute: &str) -> Message {
    match error.challenged() {
        Some(challenged) => {
            context.ask(challenged);
            "proof-crowd".into()
        }
        None => error.info().attribute(attribute),
    }
}
