//! Languages and their negotiation.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language of the texts.
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
    /// Accented, longer English in brackets, which reveals texts missing from `locales/`. Only for the gallery and
    /// tests.
    Pseudo,
}

impl Language {
    /// Languages that users may choose, in the order of the menu.
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

    /// Name in the language itself.
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

    /// Text direction, as in `<html dir>`.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::Arabic => Direction::RightToLeft,
            _ => Direction::LeftToRight,
        }
    }

    /// The best of `offered` for the ranges of an `Accept-Language` header, each with its quality; `None` if no range
    /// matches.
    ///
    /// Ranges are sorted by quality, then by position; 0 excludes (RFC 9110, section 12.5.4). A range matches a
    /// language by the primary subtag: `pt-PT` gets `pt-BR` instead of English.
    #[must_use]
    pub fn negotiate(ranges: &[(&str, f32)], offered: &[Self]) -> Option<Self> {
        let excluded =
            |language: &Self| ranges.iter().any(|(range, quality)| *quality <= 0.0 && language.is_like(range));
        let mut wanted: Vec<&(&str, f32)> = ranges.iter().filter(|(_, quality)| *quality > 0.0).collect();
        wanted.sort_by(|a, b| b.1.total_cmp(&a.1));
        wanted.into_iter().find_map(|(range, _)| {
            if *range == "*" {
                return offered.iter().find(|language| !excluded(language)).copied();
            }
            let exact = offered.iter().find(|language| language.code().eq_ignore_ascii_case(range));
            exact.or_else(|| offered.iter().find(|language| language.is_like(range) && !excluded(language))).copied()
        })
    }

    fn is_like(self, range: &str) -> bool {
        let primary = |code: &'_ str| code.split('-').next().unwrap_or_default().to_ascii_lowercase();
        primary(self.code()) == primary(range)
    }
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
    /// Value of the attribute `dir`.
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
    fn the_language_is_chosen_by_quality_then_order() {
        for (ranges, expected) in [
            (&[][..], None),
            (&[("*", 1.0)], Some("en")),
            (&[("DE-at", 1.0)], Some("de")),
            (&[("nl", 1.0), ("en", 0.8), ("de", 0.9)], Some("de")),
            (&[("fr", 0.0), ("de", 0.1)], Some("de")),
            (&[("en", 0.0), ("*", 0.5)], Some("de")),
            (&[("pt-PT", 1.0)], Some("pt-BR")),
            (&[("pt-br", 1.0)], Some("pt-BR")),
            (&[("zh-CN", 1.0), ("zh", 0.9)], None),
            (&[("ja", 0.0), ("ja-JP", 1.0)], None),
        ] {
            let chosen = Language::negotiate(ranges, &Language::ALL);
            assert_eq!(chosen.map(Language::code), expected, "{ranges:?}");
        }
        let offered = [Language::English, Language::German];
        assert_eq!(Language::negotiate(&[("fr", 1.0), ("de", 0.5)], &offered), Some(Language::German));
    }
}
