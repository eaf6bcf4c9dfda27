//! Somebody with a browser: cookies are kept and sent, forms are posted as from our own pages, redirects are seen.

use std::{collections::BTreeMap, net::Ipv4Addr, sync::Mutex};

use super::server::{Answer, BROWSER, Server, form};

pub struct Browser<'a> {
    pub server: &'a Server,
    cookies: Mutex<BTreeMap<String, String>>,
    user_agent: &'static str,
    /// The loopback address that it comes from, to a server with HTTPS.
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

    /// One in another network, to a server with HTTPS.
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
        for value in answer.headers.get_all("set-cookie") {
            let value = value.to_str().expect("text");
            let (pair, attributes) = value.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            if value.is_empty() || attributes.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
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

    /// Where an answer leads; it must lead somewhere.
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
