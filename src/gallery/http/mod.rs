//! `/_gallery`: every page and mail in every state, for designers. Routed only with `ENVIRONMENT=local`.

pub(crate) mod live;
mod switches;

use askama::Template;
use poem::{
    Request, Response, handler,
    http::{HeaderValue, header},
    web::{Data, Path},
};

use self::switches::{Group, SwitchOption, Switches, Tab};
use super::State;
use crate::{
    appearance::Theme,
    gallery, mail,
    views::{Rendered, mails::Mail},
    web::{error::AppError, reply, request_context::RequestContext},
};

const STYLES: &str = include_str!("../../../static/gallery/gallery.css");

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
    /// Text of the tab; empty: the page in a frame.
    text: String,
    subject: String,
}

/// All states.
#[handler]
pub(crate) fn show_sheet(request: &Request, Data(context): Data<&RequestContext>) -> poem::Result<Response> {
    let switches = Switches { tab: Tab::Page, ..Switches::of(request) };
    let theme = &*context.theme;
    show(&Sheet {
        live_script: theme.resources.live_script.clone(),
        tree: tree(),
        groups: switches.groups(None),
        query: switches.query(),
        width: switches.width,
    })
}

/// One state, with its details.
#[handler]
pub(crate) fn show_state(
    request: &Request,
    Data(context): Data<&RequestContext>,
    Path((view, name)): Path<(String, String)>,
) -> poem::Result<Response> {
    let current = find(&view, &name)?;
    let switches = Switches::of(request);
    let theme = &*context.theme;
    let rendered = gallery::render(theme, current, switches.options()).map_err(AppError::from)?;
    let (text, subject) = match (&rendered, switches.tab) {
        (Rendered::Page(html), Tab::Source) => (html.clone(), String::new()),
        (Rendered::Page(_), _) => (String::new(), String::new()),
        (Rendered::Mail(mail), tab) => (mail_tab(mail, tab, theme)?, mail.subject.clone()),
    };
    let tabs = Tab::ALL.into_iter().filter(|(tab, ..)| current.is_mail || matches!(tab, Tab::Page | Tab::Source));
    let tabs = tabs.map(|(tab, _, label)| SwitchOption {
        label: label.to_owned(),
        query: Switches { tab, ..switches }.query(),
        is_current: tab == switches.tab,
    });
    show(&StatePage {
        live_script: theme.resources.live_script.clone(),
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

fn mail_tab(mail: &Mail, tab: Tab, theme: &Theme) -> Result<String, AppError> {
    match tab {
        Tab::Page => Ok(String::new()),
        Tab::Source => Ok(mail::inline_styles(&mail.html)?),
        Tab::Text => Ok(mail.text.clone()),
        Tab::Headers => {
            let raw = gallery::raw_mail(mail, &theme.brand.name)?;
            Ok(String::from_utf8_lossy(&raw).into_owned())
        }
    }
}

/// The page as users see it, for a frame.
#[handler]
pub(crate) fn show_page(
    request: &Request,
    Data(context): Data<&RequestContext>,
    Path((view, name)): Path<(String, String)>,
) -> poem::Result<Response> {
    let switches = Switches::of(request);
    let theme = &*context.theme;
    let html = match gallery::render(theme, find(&view, &name)?, switches.options()).map_err(AppError::from)? {
        Rendered::Page(html) => html,
        Rendered::Mail(mail) => mail::inline_styles(&mail.html).map_err(AppError::from)?,
    };
    let html = match switches.theme {
        Some(scheme) => scheme.apply(&inlined(&html, theme)),
        None => html,
    };
    let images = if switches.without_images { "'none'" } else { "'self' data:" };
    // Mails have inline styles, and so have pages with a forced color scheme.
    let policy = format!(
        "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; font-src 'self'; \
         img-src {images}; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    );
    Ok(framed(html, &policy))
}

/// The page with its linked style sheet inlined.
fn inlined(html: &str, theme: &Theme) -> String {
    let link = format!("<link rel=\"stylesheet\" href=\"{}\">", theme.resources.stylesheet_url);
    html.replace(&link, &format!("<style>{}</style>", theme.stylesheet))
}

/// A page that the gallery may frame, with its own policy.
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
    const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                          frame-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; \
                          frame-ancestors 'none'";
    let html = template.render().map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(framed(html, POLICY))
}

fn find(view: &str, name: &str) -> Result<State, AppError> {
    gallery::find(view, name).ok_or(AppError::NotFound)
}

#[handler]
pub(crate) fn styles() -> Response {
    Response::builder().content_type("text/css; charset=utf-8").body(STYLES)
}
