//! The operator's accent colour, adjusted for contrast.

use std::{fmt, str::FromStr};

/// Minimum contrast of text, WCAG 2.2 success criterion 1.4.3.
const READABLE: f64 = 4.5;
/// Backgrounds of the accent, light and dark: `--surface` and `--ground` of `static/app.css`.
const LIGHT: [Colour; 2] = [Colour([0xff, 0xfe, 0xfb]), Colour([0xf4, 0xf2, 0xed])];
const DARK: [Colour; 2] = [Colour([0x1b, 0x22, 0x21]), Colour([0x12, 0x17, 0x16])];
const WHITE: Colour = Colour([255; 3]);
const BLACK: Colour = Colour([0; 3]);

/// An sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

impl FromStr for Colour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let digits = text.strip_prefix('#').unwrap_or(text);
            let digits: Vec<u8> = digits
                .chars()
                .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
                .collect::<Option<_>>()?;
            match *digits.as_slice() {
                [r, g, b] => Some(Self([r * 17, g * 17, b * 17])),
                [r1, r2, g1, g2, b1, b2] => Some(Self([r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2])),
                _ => None,
            }
        };
        parse().ok_or_else(|| "use a colour such as 1f5f5b, or '#1f5f5b' in quotes: # begins a comment".to_owned())
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl Colour {
    /// Relative luminance as WCAG 2.2 defines it, 0 to 1.
    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|channel| {
            let channel = f64::from(channel) / 255.0;
            if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// Contrast ratio as WCAG 2.2 defines it, 1 to 21.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Mix with `percent` of another colour.
    #[expect(clippy::cast_possible_truncation, reason = "a mean of two bytes is a byte")]
    fn towards(self, other: Self, percent: u32) -> Self {
        let [r, g, b] = self.0;
        let [r2, g2, b2] = other.0;
        let mix = |a: u8, b: u8| ((u32::from(a) * (100 - percent) + u32::from(b) * percent + 50) / 100) as u8;
        Self([mix(r, r2), mix(g, g2), mix(b, b2)])
    }

    /// The first readable colour on these surfaces between `self` and `end`.
    fn readable_on(self, surfaces: [Self; 2], end: Self) -> Self {
        let steps = (0..=100).step_by(2).map(|percent| self.towards(end, percent));
        let mut readable = steps.filter(|colour| surfaces.iter().all(|surface| colour.contrast(*surface) >= READABLE));
        readable.next().unwrap_or(end)
    }

    /// Black or white, whichever has more contrast with this colour.
    #[must_use]
    pub fn text_on_it(self) -> Self {
        if self.contrast(WHITE) >= self.contrast(BLACK) { WHITE } else { BLACK }
    }

    /// Custom properties of `static/app.css` for one colour scheme.
    fn properties(self) -> String {
        let on_accent = self.text_on_it();
        // Pressed buttons gain contrast with their text.
        let end = if on_accent == WHITE { BLACK } else { WHITE };
        format!("--accent:{self};--accent-deep:{};--on-accent:{on_accent}", self.towards(end, 25))
    }
}

/// The accent colour for each colour scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent {
    pub light: Colour,
    pub dark: Colour,
}

impl From<Colour> for Accent {
    fn from(colour: Colour) -> Self {
        Self { light: colour.readable_on(LIGHT, BLACK), dark: colour.readable_on(DARK, WHITE) }
    }
}

impl Accent {
    /// Its cascade layer.
    #[must_use]
    pub fn stylesheet(self) -> String {
        format!(
            "@layer brand {{ :root {{ {} }} @media (prefers-color-scheme: dark) {{ :root {{ {} }} }} }}\n",
            self.light.properties(),
            self.dark.properties()
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn colours_are_read_and_written() {
        for (text, expected) in [
            ("#1f5f5b", Some("#1f5f5b")),
            ("#ABC", Some("#aabbcc")),
            ("red", None),
            ("#12345", None),
            ("#ÄÄÄ", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Colour>().ok().map(|colour| colour.to_string()).as_deref(), expected, "{text}");
        }
        assert!((WHITE.contrast(BLACK) - 21.0).abs() < 1e-9);
    }

    #[test]
    fn the_surfaces_are_those_of_the_style_sheet() {
        let stylesheet = include_str!("../../static/app.css");
        let mut themes = stylesheet
            .split("--on-accent")
            .next()
            .into_iter()
            .chain(stylesheet.split("prefers-color-scheme: dark").nth(1));
        for surfaces in [LIGHT, DARK] {
            let theme = themes.next().expect("a theme");
            for (name, colour) in ["surface", "ground"].into_iter().zip(surfaces) {
                assert!(theme.contains(&format!("--{name}: {colour}")), "{name} {colour}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_accent_colour_is_readable(bytes: [u8; 3]) {
            let accent = Accent::from(Colour(bytes));
            for (colour, surfaces) in [(accent.light, LIGHT), (accent.dark, DARK)] {
                for surface in surfaces {
                    prop_assert!(colour.contrast(surface) >= READABLE);
                }
                let best = colour.contrast(WHITE).max(colour.contrast(BLACK));
                prop_assert!(best >= READABLE, "text on a button");
            }
        }
    }
}
