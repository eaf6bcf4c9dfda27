//! Request bodies: a form or a JSON object, read within limits into the same members.

use std::{sync::Arc, time::Duration};

use poem::{
    FromRequest, Request, RequestBody,
    error::ReadBodyError,
    http::{HeaderMap, header},
    web::Data,
};
use serde_json::Value;
use tokio::time;
use url::Url;

use super::{body_members::Members, error::AppError, host::is_host_of, response_format::ResponseFormat};
use crate::{
    accounts::{
        bots::Evidence,
        registration::{IdentifierKind, SignUp},
    },
    app::App,
    domain::{
        client::{Client, ProofOfWork},
        field_error::Field,
        secret::Secret,
    },
    views::texts::Message,
};

/// Longest body, in bytes.
const MAX_BYTES: usize = 16 * 1024;
/// Longest `Origin`, in bytes: scheme, name of 253 and port.
const MAX_ORIGIN_BYTES: usize = "https://".len() + 253 + ":65535".len();
/// Longest time a body may take to arrive.
const MAX_TIME: Duration = Duration::from_secs(10);

/// A form or JSON body.
pub struct Submission(Members);

/// A JSON body.
pub struct JsonSubmission(pub Submission);

/// A form body.
pub struct FormSubmission(pub Submission);

/// A request that is no cross-site form post; its body is not read.
pub struct SameSite;

/// The content types accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Form,
    Json,
}

impl<'a> FromRequest<'a> for Submission {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let kind = kind(request.headers())?;
        if kind == Kind::Form {
            SameSite::from_request(request, body).await?;
        }
        Ok(Self(read(kind, request.headers(), body).await?))
    }
}

impl<'a> FromRequest<'a> for JsonSubmission {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        match kind(request.headers())? {
            Kind::Json => Ok(Self(Submission::from_request(request, body).await?)),
            Kind::Form => Err(AppError::UnsupportedMediaType.into()),
        }
    }
}

impl<'a> FromRequest<'a> for FormSubmission {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        match kind(request.headers())? {
            Kind::Form => Ok(Self(Submission::from_request(request, body).await?)),
            Kind::Json => Err(AppError::UnsupportedMediaType.into()),
        }
    }
}

impl<'a> FromRequest<'a> for SameSite {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let app = Data::<&Arc<App>>::from_request_without_body(request).await?;
        check_same_site(request.headers(), app.site.configured_url.as_ref())?;
        Ok(Self)
    }
}

impl Submission {
    /// A text member; absent, `null` and empty are all `None`.
    ///
    /// # Errors
    /// A member of another type than text.
    pub fn text(&mut self, name: &'static str) -> Result<Option<String>, AppError> {
        Ok(self.0.text(name)?.filter(|text| !text.is_empty()))
    }

    /// A secret text member.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn secret(&mut self, field: Field) -> Result<Option<Secret>, AppError> {
        Ok(self.text(field.name())?.map(Secret::new))
    }

    /// Whether there is a member of this name, of any value.
    #[must_use]
    pub fn has(&self, field: Field) -> bool {
        self.0.has(field.name())
    }

    /// Whether a checkbox is checked: `on`, as browsers send, or `true`.
    #[must_use]
    pub fn take_checkbox(&mut self, field: Field) -> bool {
        match self.0.take(field.name()) {
            Some(Value::String(value)) => value == "on",
            Some(Value::Bool(value)) => value,
            _ => false,
        }
    }

    /// Ignores other members, whatever their type.
    ///
    /// # Errors
    /// A member of another type than text.
    pub fn into_sign_up(mut self, identifier: IdentifierKind) -> Result<SignUp, AppError> {
        let mut sign_up = SignUp { full_name: self.text(Field::FullName.name())?, ..SignUp::default() };
        match identifier {
            IdentifierKind::Email => sign_up.email = self.text(Field::Email.name())?,
            IdentifierKind::Username => sign_up.username = self.text(Field::Username.name())?,
        }
        sign_up.password = self.secret(Field::Password)?;
        sign_up.accepts_terms = self.take_checkbox(Field::Terms);
        Ok(sign_up)
    }

    /// The client, with the proof of work of a form; API clients send it in a header.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn with_proof_of_work(&mut self, client: Client, response_format: ResponseFormat) -> Result<Client, AppError> {
        if response_format != ResponseFormat::Page {
            return Ok(client);
        }
        match (self.text("proof")?, self.text("proof_answer")?) {
            (Some(challenge), Some(answer)) => {
                Ok(Client { proof: Some(ProofOfWork::new(challenge, answer)), ..client })
            }
            _ => Ok(client),
        }
    }

    /// The bot-check inputs of a form.
    ///
    /// # Errors
    /// A member of another type than text.
    pub fn evidence(&mut self) -> Result<Evidence, AppError> {
        Ok(Evidence {
            timestamp: self.text("stamp")?,
            fills_honeypot: self.text("topic")?.is_some(),
            challenge: self.text("proof")?,
            answer: self.text("proof_answer")?,
        })
    }

    /// With `is_verified`, read by the private endpoint only.
    ///
    /// # Errors
    /// A member of another type than text, or `is_verified` of another than true and false.
    pub fn into_private_sign_up(mut self) -> Result<SignUp, AppError> {
        let is_verified = match self.0.take("is_verified") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(value)) => value,
            Some(_) => {
                return Err(AppError::MalformedBody(Message::new("body-member-boolean").with("name", "is_verified")));
            }
        };
        Ok(SignUp { is_verified, ..self.into_sign_up(IdentifierKind::Email)? })
    }
}

/// `application/json` or `application/x-www-form-urlencoded`, in UTF-8, not compressed.
///
/// # Errors
/// `UnsupportedMediaType` for anything else.
pub fn kind(headers: &HeaderMap) -> Result<Kind, AppError> {
    let unsupported = AppError::UnsupportedMediaType;
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(unsupported) };
    let mut parts = value.to_str().unwrap_or_default().split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_utf8 = parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
        !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    let is_plain = headers.get(header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    match kind.as_str() {
        "application/json" if is_utf8 && is_plain => Ok(Kind::Json),
        "application/x-www-form-urlencoded" if is_utf8 && is_plain => Ok(Kind::Form),
        _ => Err(unsupported),
    }
}

/// Rejects a cross-site form post. Browsers send `Sec-Fetch-Site`, older ones `Origin`; a client that sends neither is
/// no browser and has no cookies to abuse.
///
/// JSON needs no check: browsers send a CORS preflight first, which is refused.
///
/// # Errors
/// `CrossSite`.
pub fn check_same_site(headers: &HeaderMap, public_url: Option<&Url>) -> Result<(), AppError> {
    if let Some(site) = headers.get("sec-fetch-site") {
        return if site == "same-origin" || site == "none" { Ok(()) } else { Err(AppError::CrossSite) };
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let text = origin.to_str().unwrap_or_default();
    // Browsers send the canonical form only.
    let is_short = text.len() <= MAX_ORIGIN_BYTES;
    let origin = is_short
        .then(|| Url::parse(text).ok())
        .flatten()
        .filter(|origin| origin.origin().ascii_serialization() == text);
    let origin = origin.ok_or(AppError::CrossSite)?;
    let is_ours = match public_url {
        Some(public_url) => origin.origin() == public_url.origin(),
        None => {
            headers.get(header::HOST).and_then(|host| host.to_str().ok()).is_some_and(|host| is_host_of(&origin, host))
        }
    };
    if is_ours { Ok(()) } else { Err(AppError::CrossSite) }
}

async fn read(kind: Kind, headers: &HeaderMap, body: &mut RequestBody) -> Result<Members, AppError> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > MAX_BYTES as u64) {
        return Err(AppError::TooLarge);
    }
    let body = body.take().map_err(|error| AppError::Internal(error.to_string()))?;
    let bytes = time::timeout(MAX_TIME, body.into_bytes_limit(MAX_BYTES))
        .await
        .map_err(|_| AppError::Timeout)?
        .map_err(|error| match error {
            ReadBodyError::PayloadTooLarge => AppError::TooLarge,
            _ => AppError::MalformedBody("body-ended-early".into()),
        })?;
    match kind {
        Kind::Form => Members::from_form(&bytes),
        Kind::Json => Members::from_json(&bytes),
    }
}
