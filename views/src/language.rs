//! The languages, and which of them somebody reads.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language that every text is there in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Language {
    #[default]
    English,
    German,
    French,
    Spanish,
    BrazilianPortuguese,
    Japanese,
    Arabic,
    /// English with other letters, longer and in brackets: what looks normal beside it was never put into the texts.
    /// For the gallery and the tests alone.
    Pseudo,
}

impl Language {
    /// Those that visitors may choose, in the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::English,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::BrazilianPortuguese,
        Self::Japanese,
        Self::Arabic,
    ];

    /// BCP 47, as in `<html lang>`, `Content-Language` and the names of the files in `locales/`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::BrazilianPortuguese => "pt-BR",
            Self::Japanese => "ja",
            Self::Arabic => "ar",
            Self::Pseudo => "en-XA",
        }
    }

    /// Its name as its own readers call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
            Self::BrazilianPortuguese => "Português (Brasil)",
            Self::Japanese => "日本語",
            Self::Arabic => "العربية",
            Self::Pseudo => "Pseudo",
        }
    }

    /// As in `<html dir>`.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::Arabic => Direction::RightToLeft,
            _ => Direction::LeftToRight,
        }
    }

    /// The best of `offered` for an `Accept-Language` header; none where the header names none of them.
    ///
    /// Ranges count by their quality, then in their order (RFC 9110, section 12.5.4). A range and a language match when
    /// their primary subtags do: who reads `pt-PT` is better served with `pt-BR` than with English. A header that is no
    /// such list counts as far as it is one.
    #[must_use]
    pub fn negotiate(accept: &str, offered: &[Self]) -> Option<Self> {
        let mut ranges: Vec<(&str, f32)> = accept.split(',').filter_map(parse_range).collect();
        ranges.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranges.into_iter().find_map(|(range, _)| {
            let exact = offered.iter().find(|language| language.code().eq_ignore_ascii_case(range));
            let related =
                || offered.iter().find(|language| primary(language.code()).eq_ignore_ascii_case(primary(range)));
            exact.or_else(related).copied()
        })
    }
}

/// The range and its quality, unless that is 0.
fn parse_range(text: &str) -> Option<(&str, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?;
    let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let quality = quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0_f32));
    (quality > 0.0).then_some((range, quality))
}

fn primary(code: &str) -> &str {
    code.split('-').next().unwrap_or(code)
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut known = Self::ALL.into_iter().chain([Self::Pseudo]);
        known.find(|language| language.code().eq_ignore_ascii_case(text)).ok_or_else(|| {
            let codes: Vec<&str> = Self::ALL.iter().map(|language| language.code()).collect();
            format!("use one of {}", codes.join(", "))
        })
    }
}

impl Serialize for Language {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Direction {
    #[default]
    LeftToRight,
    RightToLeft,
}

impl Direction {
    /// As in the attribute `dir`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_chooses_by_quality_then_order() {
        for (accept, expected) in [
            ("", None),
            ("*", None),
            ("de", Some("de")),
            ("DE-at", Some("de")),
            ("de-AT, en;q=0.5", Some("de")),
            ("nl, en;q=0.8, de;q=0.9", Some("de")),
            ("fr;q=0, de;q=0.1", Some("de")),
            ("pt-PT", Some("pt-BR")),
            ("pt-br", Some("pt-BR")),
            ("zh-CN, zh;q=0.9", None),
            ("zh-CN, *;q=0.5", None),
            ("en-GB,en;q=0.9", Some("en")),
            ("ja;q=x, ar", Some("ar")),
            ("ar-EG", Some("ar")),
            (";;;,,q=1,es", Some("es")),
            ("en-XA", Some("en")),
            ("de;q=NaN, fr;q=0.1", Some("fr")),
        ] {
            let chosen = Language::negotiate(accept, &Language::ALL);
            assert_eq!(chosen.map(Language::code), expected, "{accept}");
        }
        assert_eq!(Language::negotiate("fr, de;q=0.5", &[Language::English, Language::German]), Some(Language::German));
    }
}
