//! A browser: it stores and sends cookies, posts forms as the service's own pages do, and does not follow redirects.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    sync::Mutex,
};

use super::server::{Answer, BROWSER, Server, form};

/// A cookie of a `Set-Cookie` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetCookie {
    pub name: String,
    pub value: String,
    pub attributes: BTreeSet<String>,
}

impl SetCookie {
    fn parse(header: &str) -> Self {
        let mut parts = header.split("; ");
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a pair");
        Self { name: name.to_owned(), value: value.to_owned(), attributes: parts.map(str::to_owned).collect() }
    }

    /// The pair for the `Cookie` header.
    pub fn pair(&self) -> String {
        format!("{}={}", self.name, self.value)
    }

    pub fn is_removal(&self) -> bool {
        self.value.is_empty() || self.attributes.contains("Max-Age=0")
    }

    /// Asserts exactly these attributes, except for `Expires`.
    #[track_caller]
    pub fn assert_attributes(&self, expected: &[&str]) {
        let attributes: BTreeSet<&str> =
            self.attributes.iter().map(String::as_str).filter(|attribute| !attribute.starts_with("Expires=")).collect();
        assert_eq!(attributes, expected.iter().copied().collect(), "{}", self.name);
    }
}

impl Answer {
    /// The cookies that the response sets, in order.
    pub fn cookies(&self) -> Vec<SetCookie> {
        let values = self.headers.get_all("set-cookie").iter();
        values.map(|value| SetCookie::parse(value.to_str().expect("text"))).collect()
    }

    /// The cookie of this name. Panics if the response does not set it.
    #[track_caller]
    pub fn cookie(&self, name: &str) -> SetCookie {
        let cookie = self.cookies().into_iter().find(|cookie| cookie.name == name);
        cookie.unwrap_or_else(|| panic!("no {name} in {:?}", self.headers))
    }

    /// The `Set-Cookie` value of this name, with its attributes; empty if the response does not set it.
    pub fn set_cookie(&self, name: &str) -> &str {
        let prefix = format!("{name}=");
        let values = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().expect("text"));
        values.into_iter().find(|value| value.starts_with(&prefix)).unwrap_or_default()
    }
}

pub struct Browser<'a> {
    pub server: &'a Server,
    cookies: Mutex<BTreeMap<String, String>>,
    user_agent: &'static str,
    /// The loopback address of the browser, for a server with HTTPS.
    network: Option<Ipv4Addr>,
}

impl<'a> Browser<'a> {
    pub fn new(server: &'a Server) -> Self {
        Self {
            server,
            cookies: Mutex::default(),
            user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0",
            network: None,
        }
    }

    /// A browser in another network, for a server with HTTPS.
    pub fn from_network(server: &'a Server, network: Ipv4Addr) -> Self {
        Self { network: Some(network), ..Self::new(server) }
    }

    /// The same browser at another instance.
    pub fn at<'b>(&self, server: &'b Server) -> Browser<'b> {
        let cookies = Mutex::new(self.cookies.lock().expect("cookies").clone());
        Browser { server, cookies, user_agent: self.user_agent, network: self.network }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = self.server.url("");
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
            ("origin", origin.as_str()),
        ];
        self.send("POST", path, &headers, &form(fields)).await
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let cookies = self.cookie_header();
        let mut all = vec![("accept", BROWSER), ("user-agent", self.user_agent)];
        if !cookies.is_empty() {
            all.push(("cookie", &cookies));
        }
        all.extend_from_slice(headers);
        let answer = match self.network {
            Some(network) => self.server.send_from(network, method, path, &all, body.to_owned()).await,
            None => self.server.send(method, path, &all, body.to_owned()).await,
        };
        self.keep(&answer);
        answer
    }

    fn keep(&self, answer: &Answer) {
        let mut cookies = self.cookies.lock().expect("cookies");
        for cookie in answer.cookies() {
            if cookie.is_removal() {
                cookies.remove(&cookie.name);
            } else {
                cookies.insert(cookie.name, cookie.value);
            }
        }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().expect("cookies").get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().expect("cookies").insert(name.to_owned(), value.to_owned());
    }

    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().expect("cookies");
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub async fn is_signed_in(&self) -> bool {
        self.get("/account").await.status == 200
    }

    /// The target of a redirect. Panics on any other response.
    #[track_caller]
    pub fn location(answer: &Answer) -> String {
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("location").to_owned()
    }

    pub async fn sign_up(&self, email: &str, password: &str) {
        let answer = self.post("/register", &[("email", email), ("password", password)]).await;
        assert_eq!(Self::location(&answer), "/welcome");
    }

    pub async fn log_in(&self, identifier: &str, password: &str) -> Answer {
        self.post("/login", &[("identifier", identifier), ("password", password)]).await
    }
}
