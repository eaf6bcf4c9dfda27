//! `SMTP_URL`, `MAIL_FROM` and the SMTP transport.

use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use lettre::{
    Address, AsyncSmtpTransport, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::domain::{email::Email, secret::Secret};

/// Connection timeout; the mail worker limits the whole SMTP session. Each mail has its own connection: after an
/// abandoned session the next mail would read replies to the previous one.
const CONNECT_WAIT: Duration = Duration::from_secs(20);

pub(super) type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// `SMTP_URL` and `MAIL_FROM`.
#[derive(Debug, Clone)]
pub struct MailSettings {
    pub smtp_url: SmtpUrl,
    /// `None`: no-reply at the host of `PUBLIC_URL`.
    pub sender: Option<Sender>,
}

/// Address and credentials of the mail server. `Debug` omits the credentials.
#[derive(Clone)]
pub struct SmtpUrl {
    host: String,
    port: u16,
    protection: Protection,
    user: Option<(String, Secret)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protection {
    /// Implicit TLS (RFC 8314).
    Tls,
    /// Required: a server that does not offer it gets no mail.
    StartTls,
    /// Loopback hosts only.
    None,
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpUrl({}:{}, {:?})", self.host, self.port, self.protection)
    }
}

impl SmtpUrl {
    /// Parses `smtp://user:password@host:587` or `smtps://…`. `?tls=required` requires STARTTLS for a loopback host
    /// without a user too.
    ///
    /// # Errors
    /// A text for the operator, without the URL, which may contain a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        const FORMS: &str = "use smtp://user:password@host:587 or smtps://user:password@host, special characters in user \
                             and password as %XX";
        let url = Url::parse(text).map_err(|error| format!("invalid URL ({error}); {FORMS}"))?;
        let is_required = match url.query() {
            None => false,
            Some("tls=required") => true,
            Some(_) => return Err(format!("the only option is ?tls=required; {FORMS}")),
        };
        // Host names have no percent-encoded characters.
        let host = url.host_str().filter(|host| !host.is_empty() && !host.contains('%')).ok_or(FORMS)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(FORMS.to_owned());
        }
        let decode =
            |text: &str| percent_decode_str(text).decode_utf8().map(String::from).map_err(|_| FORMS.to_owned());
        let user = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => Some((decode(user)?, Secret::new(decode(password.unwrap_or_default())?))),
        };
        let (protection, port) = match url.scheme() {
            "smtps" => (Protection::Tls, 465),
            "smtp" if is_loopback(host) && user.is_none() && !is_required => (Protection::None, 25),
            "smtp" => (Protection::StartTls, 587),
            _ => return Err(FORMS.to_owned()),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { host, port: url.port().unwrap_or(port), protection, user })
    }

    /// # Errors
    /// TLS cannot be set up: the system has no root certificates.
    pub fn transport(&self) -> Result<Transport, String> {
        let tls = || TlsParameters::new_rustls(self.host.clone()).map_err(|error| format!("SMTP_URL: {error}"));
        let tls = match self.protection {
            Protection::Tls => Tls::Wrapper(tls()?),
            Protection::StartTls => Tls::Required(tls()?),
            Protection::None => Tls::None,
        };
        // "Dangerous" because its default is no TLS.
        let mut builder = Transport::builder_dangerous(&self.host).port(self.port).tls(tls).timeout(Some(CONNECT_WAIT));
        if let Some((user, password)) = &self.user {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Ok(builder.build())
    }
}

/// Traffic to loopback stays on this machine.
fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Ok(Host::Domain(name)) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        Err(_) => false,
    }
}

/// `MAIL_FROM`: an address with an optional name.
#[derive(Debug, Clone)]
pub struct Sender {
    name: Option<String>,
    address: Address,
}

impl FromStr for Sender {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORMS: &str = "use an address such as accounts@example.com, or 'Example <accounts@example.com>'";
        let mailbox: Mailbox = text.trim().parse().map_err(|_| FORMS.to_owned())?;
        let is_plain = !text.chars().any(char::is_control);
        // `accounts@localhost` is valid as a sender, not as a recipient.
        let is_address = Email::parse(mailbox.email.as_ref()).is_ok() || mailbox.email.domain() == "localhost";
        if !is_plain || !is_address {
            return Err(FORMS.to_owned());
        }
        Ok(Self { name: mailbox.name, address: mailbox.email })
    }
}

impl MailSettings {
    /// The sender of mails.
    ///
    /// # Errors
    /// The host of `public_url` is not a valid domain of an address.
    pub fn from(&self, public_url: &Url, brand: &str) -> Result<Mailbox, String> {
        let name = |own: Option<&String>| Some(own.map_or(brand, String::as_str).to_owned());
        if let Some(Sender { name: own, address }) = &self.sender {
            return Ok(Mailbox::new(name(own.as_ref()), address.clone()));
        }
        let host = match public_url.host() {
            Some(Host::Domain(host)) => host.to_owned(),
            _ => "localhost".to_owned(),
        };
        let address = Address::new("no-reply", host).map_err(|error| format!("MAIL_FROM: set it ({error})"))?;
        Ok(Mailbox::new(name(None), address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_is_sent_without_tls_only_to_this_machine() {
        for (text, port, protection) in [
            ("smtp://mail.example.com", 587, Protection::StartTls),
            ("smtp://u:p%40ss@mail.example.com:2525", 2525, Protection::StartTls),
            ("smtps://mail.example.com", 465, Protection::Tls),
            ("smtp://10.0.0.1", 587, Protection::StartTls),
            ("smtp://localhost.example.com", 587, Protection::StartTls),
            ("smtp://localhost", 25, Protection::None),
            ("smtp://127.0.0.1:2525/", 2525, Protection::None),
            ("smtp://[::1]:2525", 2525, Protection::None),
            ("smtp://u:p@127.0.0.1:2525", 2525, Protection::StartTls),
            ("smtp://127.0.0.1:2525?tls=required", 2525, Protection::StartTls),
        ] {
            let url = SmtpUrl::parse(text).expect(text);
            assert_eq!((url.port, url.protection), (port, protection), "{text}");
            assert!(!format!("{url:?}").contains("p@ss"));
        }
        for text in
            ["", "mail.example.com", "http://mail", "smtp://", "smtp://h?tls=none", "smtp://h/path", "smtp://%ff@h"]
        {
            assert!(SmtpUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_sender_is_one_address() {
        for text in ["accounts@example.com", "Example <accounts@example.com>", "root@localhost"] {
            assert!(text.parse::<Sender>().is_ok(), "{text}");
        }
        for text in ["", "example", "a@b.de, c@d.de", "A\r\nBcc: <a@b.de>", "x <a@b>"] {
            assert!(text.parse::<Sender>().is_err(), "{text}");
        }
    }
}
