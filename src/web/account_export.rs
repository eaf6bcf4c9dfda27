//! `GET /account/export`: all data of an account, streamed as a file.

use std::{io, sync::Arc};

use futures_util::{StreamExt as _, stream};
use poem::{
    Body, Response, handler,
    http::{HeaderValue, Method, StatusCode, header},
    web::Data,
};
use tokio::sync::mpsc;

use super::{
    account_bodies::{self, Activity, Export},
    bodies,
    client::Client,
    error::AppError,
    methods::RequestMethod,
    reply,
    session::Member,
};
use crate::{
    accounts::{
        export::{Export as Exported, Page},
        sessions::SignedIn,
    },
    app::App,
};

/// Closes `activity`, the last member, and the document.
const END: &[u8] = b"]}";

/// Export the account
///
/// All stored data of the account, as a file. Contains no secrets.
#[utoipa::path(
    get,
    path = "/account/export",
    operation_id = "export_account",
    tag = "accounts",
    security(("bearer" = []), ("session" = [])),
    responses(
        (status = 200, description = "The account, its sessions and its audit log.", body = account_bodies::Export),
        (status = 303, description = "Not signed in; a browser is redirected to the login."),
        (status = 401, description = "Not signed in.", body = bodies::Detail, example = json!({"detail": "Not authenticated"})),
        (status = 421, description = "The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).", body = bodies::Detail),
        (status = 429, description = "An export is running, or over the rate limit; `Retry-After` has the wait.",
            headers(("Retry-After" = i64, description = "Seconds")), body = bodies::Detail),
        (status = 500, description = "Internal error, with a request id.", body = bodies::Detail),
        (status = 503, description = "No database connection in time; `Retry-After` has the wait.", body = bodies::Detail)
    )
)]
// HEAD has no body and is no export.
#[handler]
pub(crate) async fn download(
    Data(RequestMethod(method)): Data<&RequestMethod>,
    Data(app): Data<&Arc<App>>,
    Client(client): Client,
    Member(signed_in): Member,
) -> poem::Result<Response> {
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        let export = app.accounts.export(&signed_in, &client).await.map_err(AppError::from)?;
        document(&signed_in, export)?
    };
    let file = HeaderValue::from_static("attachment; filename=\"account.json\"");
    let response = Response::builder().status(StatusCode::OK).content_type(reply::JSON);
    Ok(response.header(header::CONTENT_DISPOSITION, file).body(body))
}

fn document(signed_in: &SignedIn, export: Exported) -> Result<Body, AppError> {
    let begin = serde_json::to_vec(&Export::without_activity(signed_in, &export));
    let mut begin = begin.map_err(|error| AppError::Internal(error.to_string()))?;
    begin.truncate(begin.len().saturating_sub(END.len()));
    let list = ActivityList { pages: export.activity, has_begun: false, has_ended: false };
    let list = stream::unfold(list, ActivityList::next);
    Ok(Body::from_bytes_stream(stream::once(async { Ok(begin) }).chain(list)))
}

/// `activity`, written page by page.
struct ActivityList {
    pages: mpsc::Receiver<Page>,
    has_begun: bool,
    has_ended: bool,
}

impl ActivityList {
    async fn next(mut self) -> Option<(io::Result<Vec<u8>>, Self)> {
        if self.has_ended {
            return None;
        }
        let text = match self.pages.recv().await {
            Some(page) => self.write(page),
            // A truncated body must not pass for complete.
            None => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "export truncated")),
        };
        self.has_ended |= text.is_err();
        Some((text, self))
    }

    fn write(&mut self, page: Page) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        for entry in page.entries {
            if self.has_begun {
                text.push(b',');
            }
            self.has_begun = true;
            serde_json::to_writer(&mut text, &Activity::from(entry))?;
        }
        if page.is_last {
            text.extend_from_slice(END);
            self.has_ended = true;
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;
    use futures_util::TryStreamExt as _;

    use super::*;
    use crate::domain::audit::Entry;

    fn page(events: &[&str], is_last: bool) -> Page {
        let entry = |event: &&str| Entry {
            event: (*event).to_owned(),
            succeeded: true,
            peer: None,
            user_agent: Some("\"quoted\"".to_owned()),
            at: NaiveDateTime::default(),
        };
        Page { entries: events.iter().map(entry).collect(), is_last }
    }

    /// The text of these pages.
    async fn written(pages: Vec<Page>) -> io::Result<String> {
        let (sender, receiver) = mpsc::channel(10);
        for page in pages {
            sender.send(page).await.expect("room");
        }
        drop(sender);
        let list = ActivityList { pages: receiver, has_begun: false, has_ended: false };
        let text: Vec<Vec<u8>> = stream::unfold(list, ActivityList::next).try_collect().await?;
        Ok(String::from_utf8(text.concat()).expect("UTF-8"))
    }

    #[tokio::test]
    async fn pages_are_joined_into_one_list() {
        let line = |event: &str| {
            format!(
                r#"{{"event":"{event}","succeeded":true,"at":"1970-01-01T00:00:00Z","peer":null,"user_agent":"\"quoted\""}}"#
            )
        };
        for (pages, events) in [
            (vec![page(&[], true)], vec![]),
            (vec![page(&["a"], true)], vec!["a"]),
            (vec![page(&["a", "b"], false), page(&["c"], true)], vec!["a", "b", "c"]),
            (
                vec![page(&[], false), page(&["a"], false), page(&[], false), page(&["b"], false), page(&[], true)],
                vec!["a", "b"],
            ),
        ] {
            let lines: Vec<String> = events.iter().map(|event| line(event)).collect();
            assert_eq!(written(pages).await.expect("a list"), format!("{}]}}", lines.join(",")));
        }
    }

    #[tokio::test]
    async fn a_truncated_export_ends_with_an_error() {
        for pages in [vec![], vec![page(&["a"], false)]] {
            assert!(written(pages).await.is_err());
        }
    }
}
