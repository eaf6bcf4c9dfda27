//! Cookies: the bridge to tower-cookies, and the encrypted page cookies. `session.rs` has the session cookie.

use std::{convert::Infallible, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::{
    Endpoint, FromRequest, Request, RequestBody, Response,
    http::{self, HeaderMap, HeaderValue, Method, header},
};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_cookies::{
    CookieManagerLayer, Cookies, Key,
    cookie::{CookieBuilder, time::Duration},
};

use super::{error::AppError, set_cookie};
use crate::{
    accounts::email_verification::PendingVerification,
    app::App,
    domain::{
        known_devices::Devices,
        token::{RESET_LINK_MINUTES, VERIFICATION_LINK_HOURS},
    },
};

/// Lifetime of a flash, in seconds.
const FLASH_SECONDS: i64 = 300;

/// Runs tower-cookies' layer around Poem's application.
///
/// The layer expects an `http::Request`; it gets one with our own cookies as headers and the Poem request as body. Its
/// [`Cookies`] are inserted into the Poem request, its `Set-Cookie` headers are moved to the Poem response. A HEAD
/// request changes nothing, so it sets none.
///
/// # Errors
/// Those of the application.
pub async fn bridge<E: Endpoint>(application: Arc<E>, request: Request) -> poem::Result<Response> {
    let is_head = request.method() == Method::HEAD;
    let mut outer = http::Request::new(());
    for value in own(request.headers()) {
        outer.headers_mut().append(header::COOKIE, value);
    }
    let inner = service_fn(|outer: http::Request<Request>| {
        let application = Arc::clone(&application);
        async move {
            let (parts, mut request) = outer.into_parts();
            if let Some(cookies) = parts.extensions.get::<Cookies>() {
                request.extensions_mut().insert(cookies.clone());
            }
            let answer = application.call(request).await.map(poem::IntoResponse::into_response);
            Ok::<_, Infallible>(http::Response::new(answer))
        }
    });
    let Ok(outer) = CookieManagerLayer::new().layer(inner).oneshot(outer.map(|()| request)).await;
    let (parts, answer) = outer.into_parts();
    let mut response = answer?;
    if !is_head {
        for value in parts.headers.get_all(header::SET_COOKIE) {
            response.headers_mut().append(header::SET_COOKIE, value.clone());
        }
    }
    Ok(response)
}

/// Our cookies: by exact name, and without duplicates.
///
/// The layer decodes and trims names, so that `__%48ost-…`, which any site of the same domain may set, would pass for
/// `__Host-…`; and of duplicates it uses the last.
#[must_use]
pub fn own(headers: &HeaderMap) -> Vec<HeaderValue> {
    let names = CookieKind::ALL.into_iter().flat_map(|kind| [kind.name(true), kind.name(false)]);
    let pair = |name: &str| {
        let value = exact(headers, name)?;
        HeaderValue::from_bytes(&[name.as_bytes(), b"=", value].concat()).ok()
    };
    names.filter_map(pair).collect()
}

/// The value of the cookie with exactly this name, if there is exactly one.
#[must_use]
pub fn exact<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let pairs = headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    // RFC 6265, section 4.2.1: a space after each semicolon.
    let pairs = pairs.map(|pair| pair.strip_prefix(b" ").unwrap_or(pair));
    let mut values = pairs.filter_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    Some(value)
}

/// The cookies that the bridge inserted into the request.
pub struct PageCookies(pub Cookies);

impl<'a> FromRequest<'a> for PageCookies {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let cookies = request.extensions().get::<Cookies>().cloned();
        Ok(Self(cookies.ok_or_else(|| AppError::Internal("cookie layer missing".into()))?))
    }
}

/// The page cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieKind {
    /// A message for the next page, shown once.
    Flash,
    /// The unverified sign-up of this browser; does not reveal whether the address had an account.
    Pending,
    /// The token of a reset link, out of the address bar.
    Reset,
    /// The accounts that this browser was signed in to.
    Devices,
}

impl CookieKind {
    const ALL: [Self; 4] = [Self::Flash, Self::Pending, Self::Reset, Self::Devices];

    fn name(self, is_https: bool) -> &'static str {
        // `__Host-` binds a cookie to this host and to https.
        match (self, is_https) {
            (Self::Flash, true) => "__Host-vestibule_flash",
            (Self::Flash, false) => "vestibule_flash",
            (Self::Pending, true) => "__Host-vestibule_pending",
            (Self::Pending, false) => "vestibule_pending",
            (Self::Reset, true) => "__Host-vestibule_reset",
            (Self::Reset, false) => "vestibule_reset",
            (Self::Devices, true) => "__Host-vestibule_devices",
            (Self::Devices, false) => "vestibule_devices",
        }
    }

    /// Lifetime in seconds.
    fn seconds(self) -> i64 {
        match self {
            Self::Flash => FLASH_SECONDS,
            Self::Pending => i64::from(VERIFICATION_LINK_HOURS) * 3600,
            Self::Reset => i64::from(RESET_LINK_MINUTES) * 60,
            // The maximum in browsers (RFC 6265bis, section 5.5).
            Self::Devices => 400 * 24 * 3600,
        }
    }
}

/// The page cookies of a request, with their keys.
///
/// All are encrypted, with the name as associated data: a signature of the value alone would be valid for every name,
/// so a cookie set over plain http would pass for `__Host-`.
#[derive(Clone, Copy)]
pub struct Jar<'a> {
    pub cookies: &'a Cookies,
    pub app: &'a App,
}

impl<'a> Jar<'a> {
    /// Sets a cookie with this text.
    pub fn set(self, kind: CookieKind, text: &str) {
        let value = format!("{}.{}", self.now() + kind.seconds(), URL_SAFE_NO_PAD.encode(text));
        let cookie = self.build(kind, value).max_age(Duration::seconds(kind.seconds())).build();
        self.cookies.private(self.key(kind)).add(cookie);
    }

    /// The text; a forged or expired cookie counts as absent.
    #[must_use]
    pub fn get(self, kind: CookieKind) -> Option<String> {
        let cookie = self.cookies.private(self.key(kind)).get(self.name(kind))?;
        let (expires, text) = cookie.value().split_once('.')?;
        let is_current = expires.parse::<i64>().is_ok_and(|expires| self.now() < expires);
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        is_current.then_some(text)
    }

    /// The text; removes the cookie.
    #[must_use]
    pub fn take(self, kind: CookieKind) -> Option<String> {
        let text = self.get(kind);
        self.remove(kind);
        text
    }

    pub fn remove(self, kind: CookieKind) {
        if self.cookies.get(self.name(kind)).is_some() {
            self.cookies.remove(self.build(kind, String::new()).build());
        }
    }

    /// Stores the accounts that this browser was signed in to, if known devices are enabled.
    pub fn set_devices(self, devices: &Devices) {
        if self.app.accounts.knows_devices() {
            self.set(CookieKind::Devices, &devices.to_string());
        }
    }

    /// Stores the unverified sign-up of this browser. The length does not reveal whether there is one.
    pub fn set_pending(self, pending: &PendingVerification) {
        let id = |id: Option<i64>| format!("{:019}", id.unwrap_or(0));
        self.set(CookieKind::Pending, &format!("{}.{}.{}", id(pending.user_id), id(pending.claim_id), pending.address));
    }

    #[must_use]
    pub fn pending(self) -> Option<PendingVerification> {
        let text = self.get(CookieKind::Pending)?;
        let mut parts = text.splitn(3, '.');
        let mut id = || parts.next()?.parse::<i64>().ok();
        let (user_id, claim_id) = (id()?, id()?);
        let some = |id: i64| (id > 0).then_some(id);
        Some(PendingVerification {
            user_id: some(user_id),
            claim_id: some(claim_id),
            address: parts.next()?.to_owned(),
        })
    }

    fn build(self, kind: CookieKind, value: String) -> CookieBuilder<'static> {
        set_cookie::build(self.name(kind), value, self.app.site.is_https())
    }

    /// Unix time, in seconds.
    fn now(self) -> i64 {
        self.app.clock.now().and_utc().timestamp()
    }

    fn key(self, kind: CookieKind) -> &'a Key {
        let keys = &self.app.cookie_keys;
        match kind {
            CookieKind::Flash => &keys.flash,
            CookieKind::Devices => &keys.devices,
            CookieKind::Pending => &keys.pending,
            CookieKind::Reset => &keys.reset,
        }
    }

    fn name(self, kind: CookieKind) -> &'static str {
        kind.name(self.app.site.is_https())
    }
}
