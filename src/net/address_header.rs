//! The header in which trusted proxies send the client address (`CLIENT_ADDRESS_HEADER`).

use std::str::FromStr;

use hyper::header::{self, HeaderName};

pub const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The only header that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressHeader(HeaderName);

impl AddressHeader {
    #[must_use]
    pub fn name(&self) -> &HeaderName {
        &self.0
    }

    /// Every other header, such as `X-Real-IP` or `CF-Connecting-IP`, holds one address.
    #[must_use]
    pub fn syntax(&self) -> Syntax {
        if self.0 == header::FORWARDED {
            Syntax::Elements
        } else if self.0 == X_FORWARDED_FOR {
            Syntax::List
        } else {
            Syntax::Single
        }
    }
}

/// Syntax of the header's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// `Forwarded` (RFC 7239).
    Elements,
    /// `X-Forwarded-For`.
    List,
    /// One address in one line: of two lines, either may be the client's own.
    Single,
}

impl FromStr for AddressHeader {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        HeaderName::from_bytes(text.trim().as_bytes())
            .map(Self)
            .map_err(|_| "use the name of one header, such as X-Forwarded-For, Forwarded or X-Real-IP".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_are_case_insensitive() {
        for (text, name, syntax) in [
            ("X-Forwarded-For", "x-forwarded-for", Syntax::List),
            ("x-forwarded-for", "x-forwarded-for", Syntax::List),
            ("FORWARDED", "forwarded", Syntax::Elements),
            (" X-Real-IP ", "x-real-ip", Syntax::Single),
            ("CF-Connecting-IP", "cf-connecting-ip", Syntax::Single),
        ] {
            let header: AddressHeader = text.parse().expect("a name");
            assert_eq!((header.name().as_str(), header.syntax()), (name, syntax));
        }
        for text in ["", " ", "X-Real-IP,X-Forwarded-For", "X-Real-IP: 192.0.2.1", "X Real IP", "X-Real-İP"] {
            assert!(text.parse::<AddressHeader>().is_err(), "{text:?}");
        }
    }
}
