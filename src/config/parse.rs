//! Parsers of setting values.

use std::{
    fmt::Display,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use url::Url;

use crate::domain::secret::Secret;

/// Minimum length of `SECRET_KEY`, in bytes.
const SECRET_KEY_MIN_BYTES: usize = 32;

/// The value in a file, without trailing line breaks.
pub(super) fn read<T>(
    name: &str,
    path: Option<PathBuf>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T, String> {
    let path = path.unwrap_or_default();
    let text = fs::read_to_string(&path).map_err(|error| format!("{name}: cannot read {}: {error}", path.display()))?;
    let text = Secret::new(text);
    parse(text.expose().trim_end_matches(['\r', '\n'])).map_err(|error| format!("{name}: {error}"))
}

/// A whole number from `least` to `most`.
pub(super) fn number<T: FromStr + PartialOrd + Display + Copy>(
    least: T,
    most: T,
) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("use a whole number from {least} to {most}")),
    }
}

/// An IP address, or `localhost`. Other names are not resolved: they may have several addresses, and some shells set
/// `HOST` to the machine's name.
pub(super) fn parse_host(text: &str) -> Result<IpAddr, String> {
    match text {
        "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        text => text.parse().map_err(|_| "use an IP address of this machine, for example 127.0.0.1 or 0.0.0.0".into()),
    }
}

/// `HOST:PORT`, with a host as in [`parse_host`], an IPv6 address in brackets.
pub(super) fn parse_listener(text: &str) -> Result<SocketAddr, String> {
    const FORM: &str = "use an IP address of this machine and a port, for example 127.0.0.1:9464 or [::1]:9464";
    let localhost = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    let localhost = localhost.map(|port| SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port));
    localhost.map_or_else(|| text.parse().map_err(|_| FORM.to_owned()), Ok)
}

pub(super) fn parse_secret_key(text: &str) -> Result<Secret, String> {
    if text.len() < SECRET_KEY_MIN_BYTES {
        return Err(format!(
            "it is {} bytes long; use {SECRET_KEY_MIN_BYTES} or more, for example from `openssl rand -base64 48`",
            text.len()
        ));
    }
    Ok(Secret::new(text.to_owned()))
}

/// `PUBLIC_URL`: an origin, without credentials, path, query and fragment.
///
/// # Errors
/// An error text for the operator.
pub fn parse_public_url(text: &str) -> Result<Url, String> {
    const FORM: &str = "use an origin such as https://accounts.example.com";
    let url = Url::parse(text).map_err(|error| format!("{error}; {FORM}"))?;
    let is_origin = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if is_origin { Ok(url) } else { Err(FORM.into()) }
}
