//! The gallery's switches, stored in the query, so that a link restores them.

use poem::Request;

use crate::{
    gallery::{ColorScheme, State, ViewOptions},
    views::language::{Direction, Language},
    web::query,
};

/// Viewport widths, in CSS pixels; 0 is full width.
const WIDTHS: [u16; 5] = [320, 360, 768, 1280, 0];

/// The state of the switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Switches {
    pub language: Language,
    /// `None`: that of the device.
    pub theme: Option<ColorScheme>,
    /// `None`: that of the language.
    pub direction: Option<Direction>,
    pub width: u16,
    pub without_images: bool,
    pub tab: Tab,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Page,
    Source,
    Text,
    Headers,
}

impl Tab {
    pub(super) const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Page, "page", "Page"),
        (Self::Source, "source", "Source"),
        (Self::Text, "text", "Text part"),
        (Self::Headers, "headers", "Headers and whole mail"),
    ];
}

impl Switches {
    /// Invalid values count as absent.
    pub(super) fn of(request: &Request) -> Self {
        let value = |name: &str| query::value(request, name);
        let is = |name: &str, expected: &str| value(name).is_some_and(|value| value == expected);
        Self {
            language: value("lang").and_then(|code| code.parse().ok()).unwrap_or_default(),
            theme: [ColorScheme::Light, ColorScheme::Dark].into_iter().find(|scheme| is("theme", scheme.code())),
            direction: [Direction::LeftToRight, Direction::RightToLeft]
                .into_iter()
                .find(|direction| is("dir", direction.code())),
            width: value("width")
                .and_then(|width| width.parse().ok())
                .filter(|width| WIDTHS.contains(width))
                .unwrap_or(0),
            without_images: is("images", "off"),
            tab: Tab::ALL.into_iter().find(|(_, code, _)| is("tab", code)).map_or(Tab::Page, |(tab, ..)| tab),
        }
    }

    /// The query string: the language, and what differs from the defaults.
    pub(super) fn query(self) -> String {
        let mut pairs = vec![format!("lang={}", self.language)];
        pairs.extend(self.theme.map(|theme| format!("theme={}", theme.code())));
        pairs.extend(self.direction.map(|direction| format!("dir={}", direction.code())));
        if self.width > 0 {
            pairs.push(format!("width={}", self.width));
        }
        if self.without_images {
            pairs.push("images=off".to_owned());
        }
        if let Some((_, code, _)) = Tab::ALL.into_iter().find(|(tab, ..)| *tab == self.tab && self.tab != Tab::Page) {
            pairs.push(format!("tab={code}"));
        }
        pairs.join("&")
    }

    pub(super) fn options(self) -> ViewOptions {
        ViewOptions { language: self.language, direction: self.direction }
    }

    /// Every switch with its options.
    pub(super) fn groups(self, state: Option<State>) -> Vec<Group> {
        let option = |label: &str, switches: Self| SwitchOption {
            label: label.to_owned(),
            query: switches.query(),
            is_current: switches == self,
        };
        let languages = Language::ALL.into_iter().chain([Language::Pseudo]);
        let mut groups = vec![
            Group {
                label: "Language",
                options: languages.map(|language| option(language.code(), Self { language, ..self })).collect(),
            },
            Group {
                label: "Theme",
                options: [(None, "device"), (Some(ColorScheme::Light), "light"), (Some(ColorScheme::Dark), "dark")]
                    .map(|(theme, label)| option(label, Self { theme, ..self }))
                    .to_vec(),
            },
            Group {
                label: "Direction",
                options: [
                    (None, "language"),
                    (Some(Direction::LeftToRight), "left to right"),
                    (Some(Direction::RightToLeft), "right to left"),
                ]
                .map(|(direction, label)| option(label, Self { direction, ..self }))
                .to_vec(),
            },
            Group {
                label: "Width",
                options: WIDTHS
                    .map(|width| {
                        option(&if width == 0 { "full".to_owned() } else { width.to_string() }, Self { width, ..self })
                    })
                    .to_vec(),
            },
        ];
        if state.is_some_and(|state| state.is_mail) {
            groups.push(Group {
                label: "Images",
                options: vec![
                    option("on", Self { without_images: false, ..self }),
                    option("off", Self { without_images: true, ..self }),
                ],
            });
        }
        groups
    }
}

pub(super) struct Group {
    pub label: &'static str,
    pub options: Vec<SwitchOption>,
}

#[derive(Clone)]
pub(super) struct SwitchOption {
    pub label: String,
    pub query: String,
    pub is_current: bool,
}
