//! Cookies: the bridge to tower-cookies, and what they carry from page to page. The session's is in `session.rs`.

use std::{convert::Infallible, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::{
    Endpoint, FromRequest, Request, RequestBody, Response,
    http::{self, HeaderMap, HeaderValue, Method, header},
};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_cookies::{
    Cookie, CookieManagerLayer, Cookies, Key,
    cookie::{SameSite, time::Duration},
};

use super::error::AppError;
use crate::{
    accounts::email_verification::PendingVerification,
    app::App,
    domain::{
        known_devices::Devices,
        token::{RESET_LINK_MINUTES, VERIFICATION_LINK_HOURS},
    },
};

/// How long a result waits to be shown, in seconds.
const FLASH_SECONDS: i64 = 300;

/// Runs tower-cookies' layer around Poem's application.
///
/// The layer wants an `http::Request`; it gets one whose headers are our own cookies and whose body is the Poem
/// request. The [`Cookies`] it makes are put into the Poem request, the `Set-Cookie` headers it writes are moved to the
/// Poem response. A HEAD request changes nothing, so it sets none.
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

/// Our cookies: by the exact name, and once.
///
/// The layer decodes and trims names, so that `__%48ost-…`, which any site of the same domain may set, would pass for
/// `__Host-…`; and of two it takes the last.
#[must_use]
pub fn own(headers: &HeaderMap) -> Vec<HeaderValue> {
    let names = Carried::ALL.into_iter().flat_map(|what| [what.name(true), what.name(false)]);
    let pair = |name: &str| {
        let value = exact(headers, name)?;
        HeaderValue::from_bytes(&[name.as_bytes(), b"=", value].concat()).ok()
    };
    names.filter_map(pair).collect()
}

/// The value of the cookie with exactly this name, if there is one and no more.
#[must_use]
pub fn exact<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let pairs = headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    // RFC 6265, section 4.2.1: a space after each semicolon.
    let pairs = pairs.map(|pair| pair.strip_prefix(b" ").unwrap_or(pair));
    let mut values = pairs.filter_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    Some(value)
}

/// The cookies that the bridge put into the request.
pub struct PageCookies(pub Cookies);

impl<'a> FromRequest<'a> for PageCookies {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let cookies = request.extensions().get::<Cookies>().cloned();
        Ok(Self(cookies.ok_or_else(|| AppError::Fault("the cookie layer is missing".into()))?))
    }
}

/// What a cookie carries, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// What the next page is to say, once.
    Flash,
    /// The sign-up of this browser that waits for its proof; it does not tell whether the address had an account.
    Pending,
    /// The token of a link, taken out of the address bar.
    Reset,
    /// The accounts that this browser has been signed in to.
    Devices,
}

impl Carried {
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

    /// As long as what it is about lasts.
    fn seconds(self) -> i64 {
        match self {
            Self::Flash => FLASH_SECONDS,
            Self::Pending => i64::from(VERIFICATION_LINK_HOURS) * 3600,
            Self::Reset => i64::from(RESET_LINK_MINUTES) * 60,
            // The longest that browsers keep a cookie (RFC 6265bis, section 5.5).
            Self::Devices => 400 * 24 * 3600,
        }
    }
}

/// The cookies of a page, with the keys that keep them from being forged.
///
/// All are encrypted, with the name as associated data: a signature of the value alone would be good under every name, so
/// that what was set over plain http would pass for `__Host-`.
#[derive(Clone, Copy)]
pub struct Jar<'a> {
    pub cookies: &'a Cookies,
    pub app: &'a App,
}

impl<'a> Jar<'a> {
    /// Keeps a text for later pages.
    pub fn set(self, what: Carried, text: &str) {
        let value = format!("{}.{}", self.now() + what.seconds(), URL_SAFE_NO_PAD.encode(text));
        let cookie = self.build(what, value).max_age(Duration::seconds(what.seconds())).build();
        self.cookies.private(self.key(what)).add(cookie);
    }

    /// The text; a cookie that is forged or too old counts as none.
    #[must_use]
    pub fn get(self, what: Carried) -> Option<String> {
        let cookie = self.cookies.private(self.key(what)).get(self.name(what))?;
        let (expires, text) = cookie.value().split_once('.')?;
        let is_current = expires.parse::<i64>().is_ok_and(|expires| self.now() < expires);
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        is_current.then_some(text)
    }

    /// Takes the text out, so that it is used once.
    #[must_use]
    pub fn take(self, what: Carried) -> Option<String> {
        let text = self.get(what);
        self.remove(what);
        text
    }

    pub fn remove(self, what: Carried) {
        if self.cookies.get(self.name(what)).is_some() {
            self.cookies.remove(self.build(what, String::new()).build());
        }
    }

    /// Remembers the accounts that this browser has been signed in to, where that is of use.
    pub fn set_devices(self, devices: &Devices) {
        if self.app.accounts.knows_devices() {
            self.set(Carried::Devices, &devices.to_string());
        }
    }

    /// Remembers which sign-up of this browser waits for its proof. Of the same length whether there is one.
    pub fn set_pending(self, pending: &PendingVerification) {
        let id = |id: Option<i64>| format!("{:019}", id.unwrap_or(0));
        self.set(Carried::Pending, &format!("{}.{}.{}", id(pending.user_id), id(pending.claim_id), pending.address));
    }

    #[must_use]
    pub fn pending(self) -> Option<PendingVerification> {
        let text = self.get(Carried::Pending)?;
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

    fn build(self, what: Carried, value: String) -> tower_cookies::cookie::CookieBuilder<'static> {
        Cookie::build((self.name(what), value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.app.site.is_https())
    }

    /// Seconds since 1970.
    fn now(self) -> i64 {
        self.app.clock.now().and_utc().timestamp()
    }

    fn key(self, what: Carried) -> &'a Key {
        let keys = &self.app.cookie_keys;
        match what {
            Carried::Flash => &keys.flash,
            Carried::Devices => &keys.devices,
            Carried::Pending => &keys.pending,
            Carried::Reset => &keys.reset,
        }
    }

    fn name(self, what: Carried) -> &'static str {
        what.name(self.app.site.is_https())
    }
}
