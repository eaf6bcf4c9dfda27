//! `/_gallery`: every page and mail in every state, for designers. Routed with `ENVIRONMENT=local` alone.

use std::sync::Arc;

use askama::Template;
use futures_util::{Stream, stream};
use poem::{
    IntoResponse as _, Request, Response, handler,
    http::{HeaderValue, header},
    web::{
        Data, Path,
        sse::{Event, SSE},
    },
};

use super::{audience::Audience, error::AppError, reply};
use crate::{
    app::App,
    appearance::Appearance,
    design::Live,
    gallery::{self, State, Theme, ViewOptions},
    views::{
        Rendered,
        language::{Direction, Language},
        mails::Mail,
    },
};

const STYLES: &str = include_str!("../../static/gallery/gallery.css");
const LIVE_SCRIPT: &str = include_str!("../../static/gallery/live.js");

/// The widths to look at, in CSS pixels; 0 is as wide as there is room.
const WIDTHS: [u16; 5] = [320, 360, 768, 1280, 0];

/// What the switches are set to; it stands in the address, so that a link shows the same again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Switches {
    language: Language,
    /// `None`: what the device asks for.
    theme: Option<Theme>,
    /// `None`: that of the language.
    direction: Option<Direction>,
    width: u16,
    without_images: bool,
    tab: Tab,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Page,
    Source,
    Text,
    Headers,
}

impl Tab {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Page, "page", "Page"),
        (Self::Source, "source", "Source"),
        (Self::Text, "text", "Text part"),
        (Self::Headers, "headers", "Headers and whole mail"),
    ];
}

impl Switches {
    /// What cannot be read counts as not set.
    fn of(request: &Request) -> Self {
        let value = |name: &str| {
            let query = request.uri().query().unwrap_or_default();
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value)
        };
        Self {
            language: value("lang").and_then(|code| code.parse().ok()).unwrap_or_default(),
            theme: [Theme::Light, Theme::Dark].into_iter().find(|theme| value("theme") == Some(theme.code())),
            direction: [Direction::LeftToRight, Direction::RightToLeft]
                .into_iter()
                .find(|direction| value("dir") == Some(direction.code())),
            width: value("width")
                .and_then(|width| width.parse().ok())
                .filter(|width| WIDTHS.contains(width))
                .unwrap_or(0),
            without_images: value("images") == Some("off"),
            tab: Tab::ALL
                .into_iter()
                .find(|(_, code, _)| value("tab") == Some(code))
                .map_or(Tab::Page, |(tab, ..)| tab),
        }
    }

    /// The part of an address after the `?`, with what differs from how it starts.
    fn query(self) -> String {
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

    fn options(self) -> ViewOptions {
        ViewOptions { language: self.language, direction: self.direction }
    }

    /// Every switch with where it can be put.
    fn groups(self, state: Option<State>) -> Vec<Group> {
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
                options: [(None, "device"), (Some(Theme::Light), "light"), (Some(Theme::Dark), "dark")]
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

struct Group {
    label: &'static str,
    options: Vec<SwitchOption>,
}

#[derive(Clone)]
struct SwitchOption {
    label: String,
    query: String,
    is_current: bool,
}

/// A view with its states.
struct Branch {
    view: &'static str,
    is_mail: bool,
    states: Vec<State>,
}

fn tree() -> Vec<Branch> {
    let mut tree: Vec<Branch> = Vec::new();
    for state in gallery::states().iter().copied() {
        match tree.last_mut() {
            Some(branch) if branch.view == state.view => branch.states.push(state),
            _ => tree.push(Branch { view: state.view, is_mail: state.is_mail, states: vec![state] }),
        }
    }
    tree
}

#[derive(Template)]
#[template(path = "gallery/sheet.html")]
struct Sheet {
    live_script: String,
    tree: Vec<Branch>,
    groups: Vec<Group>,
    query: String,
    width: u16,
}

#[derive(Template)]
#[template(path = "gallery/state.html")]
struct StatePage {
    live_script: String,
    tree: Vec<Branch>,
    groups: Vec<Group>,
    tabs: Vec<SwitchOption>,
    query: String,
    width: u16,
    current: State,
    templates: Vec<String>,
    /// What the tab shows; empty: the page itself, in a frame.
    text: String,
    subject: String,
}

/// All states at once.
#[handler]
pub fn show_sheet(request: &Request, Data(audience): Data<&Audience>) -> poem::Result<Response> {
    let switches = Switches { tab: Tab::Page, ..Switches::of(request) };
    let look = &*audience.appearance;
    show(&Sheet {
        live_script: look.resources.live_script.clone(),
        tree: tree(),
        groups: switches.groups(None),
        query: switches.query(),
        width: switches.width,
    })
}

/// One state, with everything about it.
#[handler]
pub fn show_state(
    request: &Request,
    Data(audience): Data<&Audience>,
    Path((view, name)): Path<(String, String)>,
) -> poem::Result<Response> {
    let current = find(&view, &name)?;
    let switches = Switches::of(request);
    let look = &*audience.appearance;
    let rendered = gallery::render(look, current, switches.options()).map_err(AppError::from)?;
    let (text, subject) = match (&rendered, switches.tab) {
        (Rendered::Page(html), Tab::Source) => (html.clone(), String::new()),
        (Rendered::Page(_), _) => (String::new(), String::new()),
        (Rendered::Mail(mail), tab) => (mail_tab(mail, tab, look)?, mail.subject.clone()),
    };
    let tabs = Tab::ALL.into_iter().filter(|(tab, ..)| current.is_mail || matches!(tab, Tab::Page | Tab::Source));
    let tabs = tabs.map(|(tab, _, label)| SwitchOption {
        label: label.to_owned(),
        query: Switches { tab, ..switches }.query(),
        is_current: tab == switches.tab,
    });
    show(&StatePage {
        live_script: look.resources.live_script.clone(),
        tree: tree(),
        groups: switches.groups(Some(current)),
        tabs: tabs.collect(),
        query: switches.query(),
        width: switches.width,
        current,
        templates: current.templates(),
        text,
        subject,
    })
}

fn mail_tab(mail: &Mail, tab: Tab, look: &Appearance) -> Result<String, AppError> {
    let fault = |error: crate::mail::ComposeError| AppError::Fault(error.to_string());
    match tab {
        Tab::Page => Ok(String::new()),
        Tab::Source => crate::mail::inline_styles(&mail.html).map_err(fault),
        Tab::Text => Ok(mail.text.clone()),
        Tab::Headers => {
            let raw = gallery::raw_mail(mail, &look.brand.name).map_err(fault)?;
            Ok(String::from_utf8_lossy(&raw).into_owned())
        }
    }
}

/// The page itself, as visitors see it, to stand in a frame.
#[handler]
pub fn show_page(
    request: &Request,
    Data(audience): Data<&Audience>,
    Path((view, name)): Path<(String, String)>,
) -> poem::Result<Response> {
    let switches = Switches::of(request);
    let look = &*audience.appearance;
    let html = match gallery::render(look, find(&view, &name)?, switches.options()).map_err(AppError::from)? {
        Rendered::Page(html) => html,
        Rendered::Mail(mail) => {
            crate::mail::inline_styles(&mail.html).map_err(|error| AppError::Fault(error.to_string()))?
        }
    };
    let html = match switches.theme {
        Some(theme) => theme.apply(&inlined(&html, look)),
        None => html,
    };
    let images = if switches.without_images { "'none'" } else { "'self' data:" };
    // A mail's styles stand in its elements, and a forced theme changes those of a page.
    let policy = format!(
        "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; font-src 'self'; \
         img-src {images}; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    );
    Ok(framed(html, &policy))
}

/// The page with its style sheet in it, where that is linked.
fn inlined(html: &str, look: &Appearance) -> String {
    let link = format!("<link rel=\"stylesheet\" href=\"{}\">", look.resources.stylesheet_url);
    html.replace(&link, &format!("<style>{}</style>", look.stylesheet))
}

/// A page that may stand in a frame of the gallery, with a policy of its own.
fn framed(html: String, policy: &str) -> Response {
    let mut response = Response::builder().content_type(reply::HTML).body(html);
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert("x-frame-options", HeaderValue::from_static("SAMEORIGIN"));
    response
}

fn show(template: &impl Template) -> poem::Result<Response> {
    const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; \
                          img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
    let html = template.render().map_err(|error| AppError::Fault(error.to_string()))?;
    Ok(framed(html, POLICY))
}

fn find(view: &str, name: &str) -> Result<State, AppError> {
    gallery::find(view, name).ok_or(AppError::NotFound)
}

#[handler]
pub fn styles() -> Response {
    Response::builder().content_type("text/css; charset=utf-8").body(STYLES)
}

#[handler]
pub fn live_script() -> Response {
    Response::builder().content_type("text/javascript; charset=utf-8").body(LIVE_SCRIPT)
}

/// What changes, as it changes (server-sent events); only while `vestibule design` runs.
#[handler]
pub fn events(Data(app): Data<&Arc<App>>) -> poem::Result<Response> {
    let live_reload = app.site.live_reload.as_ref().ok_or(AppError::NotFound)?;
    Ok(SSE::new(follow(live_reload.follow())).into_response())
}

fn follow(mut live: tokio::sync::watch::Receiver<Live>) -> impl Stream<Item = Event> {
    // The state of the moment comes at once.
    live.mark_changed();
    stream::unfold(live, |mut live| async move {
        live.changed().await.ok()?;
        let now = live.borrow_and_update().clone();
        if now.is_over {
            return None;
        }
        Some((Event::message(serde_json::to_string(&now).unwrap_or_default()), live))
    })
}
