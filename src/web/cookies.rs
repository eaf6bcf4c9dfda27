//! Cookies: the bridge to tower-cookies, and the flash that carries a result over one redirect.

use std::{convert::Infallible, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::{
    Endpoint, FromRequest, Request, RequestBody, Response,
    http::{self, Method, header},
};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_cookies::{
    Cookie, CookieManagerLayer, Cookies,
    cookie::{SameSite, time::Duration},
};

use super::error::AppError;
use crate::app::App;

/// How long a result waits to be shown, in seconds.
const FLASH_SECONDS: i64 = 300;

/// Runs tower-cookies' layer around Poem's application.
///
/// The layer wants an `http::Request`; it gets one whose headers are the `Cookie` headers and whose body is the Poem
/// request. The [`Cookies`] it makes are put into the Poem request, the `Set-Cookie` headers it writes are moved to the
/// Poem response. A HEAD request changes nothing, so it sets none.
///
/// # Errors
/// Those of the application.
pub async fn bridge<E: Endpoint>(application: Arc<E>, request: Request) -> poem::Result<Response> {
    let is_head = request.method() == Method::HEAD;
    let mut outer = http::Request::new(());
    for value in request.headers().get_all(header::COOKIE) {
        outer.headers_mut().append(header::COOKIE, value.clone());
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

/// The cookies that the bridge put into the request.
pub struct PageCookies(pub Cookies);

impl<'a> FromRequest<'a> for PageCookies {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let cookies = request.extensions().get::<Cookies>().cloned();
        Ok(Self(cookies.ok_or_else(|| AppError::Fault("the cookie layer is missing".into()))?))
    }
}

/// The address that an account was just made for, kept for the next page in a signed cookie.
pub struct Flash<'a> {
    pub cookies: &'a Cookies,
    pub app: &'a App,
}

impl Flash<'_> {
    /// Keeps the address for five minutes.
    pub fn set(&self, email: &str) {
        let expires = self.now() + FLASH_SECONDS;
        let value = format!("{expires}.{}", URL_SAFE_NO_PAD.encode(email));
        let cookie = self.build(value).max_age(Duration::seconds(FLASH_SECONDS)).build();
        self.cookies.signed(&self.app.flash_key).add(cookie);
    }

    /// Takes the address out, so that it is shown once. A cookie that is forged or too old counts as none.
    #[must_use]
    pub fn take(&self) -> Option<String> {
        let signed = self.cookies.signed(&self.app.flash_key);
        let cookie = signed.get(self.name());
        if self.cookies.get(self.name()).is_some() {
            self.cookies.remove(self.build(String::new()).build());
        }
        let cookie = cookie?;
        let (expires, email) = cookie.value().split_once('.')?;
        let is_current = expires.parse::<i64>().is_ok_and(|expires| self.now() < expires);
        let email = String::from_utf8(URL_SAFE_NO_PAD.decode(email).ok()?).ok()?;
        is_current.then_some(email)
    }

    fn build(&self, value: String) -> tower_cookies::cookie::CookieBuilder<'static> {
        Cookie::build((self.name(), value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.app.site.is_https())
    }

    /// Seconds since 1970.
    fn now(&self) -> i64 {
        self.app.clock.now().and_utc().timestamp()
    }

    /// `__Host-` binds a cookie to this host and to https.
    fn name(&self) -> &'static str {
        if self.app.site.is_https() { "__Host-vestibule_flash" } else { "vestibule_flash" }
    }
}
