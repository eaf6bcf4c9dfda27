//! The account page and its forms. API clients may post JSON to the same routes.

use std::sync::Arc;

use poem::{
    FromRequest, IntoResponse as _, Request, RequestBody, Response, handler,
    http::StatusCode,
    web::{Data, Redirect},
};
use tower_cookies::Cookies;

use super::{
    client::{Client, device},
    cookies::{CookieKind, Jar, PageCookies},
    error::AppError,
    form_reply::notice_of,
    messages, next,
    reply::{self, EMAIL_TEXTS},
    request_context::RequestContext,
    response_format::ResponseFormat,
    session::{self, Member, Visitor},
    submission::Submission,
    verification::Pages,
};
use crate::{
    accounts::{
        account_changes::{Changes, Updated},
        rejection::Rejection,
        sessions::{SessionInfo, SignedIn, Which},
    },
    app::App,
    appearance::moment,
    domain::{
        audit::Entry,
        client,
        field_error::{Field, FieldError, PASSWORD_MAX_CHARACTERS},
        secret::Secret,
        session::SessionKind,
    },
    views::{
        pages::{AccountForm, AccountPage, AccountView, ActivityView, SessionView},
        texts::Message,
    },
};

/// Audit log entries on the page.
const ACTIVITY: i64 = 20;
/// `id` for all sessions but the current one.
const OTHERS: &str = "others";
/// Prefix of the flash for this page.
const DONE: &str = "done:";

/// `GET /.well-known/change-password` (W3C), for password managers.
#[handler]
pub(crate) fn change_password() -> Redirect {
    Redirect::see_other("/account#password")
}

#[handler]
pub(crate) async fn show(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    PageCookies(cookies): PageCookies,
    Member(signed_in): Member,
) -> poem::Result<Response> {
    let flash = Jar { cookies: &cookies, app }.take(CookieKind::Flash);
    let flash = flash.as_deref().and_then(|flash| flash.strip_prefix(DONE));
    let done = flash.map(|flash| {
        let (key, address) = flash.split_once(':').unwrap_or((flash, ""));
        Message::new(key.to_owned()).with("address", address)
    });
    let page = Page { app, context, signed_in: &signed_in };
    page.render(StatusCode::OK, Shown { done: done.unwrap_or_default(), ..Shown::default() }, &[]).await
}

/// `GET` of a form's route, such as after a reload.
#[handler]
pub(crate) fn back() -> Redirect {
    Redirect::see_other(next::HOME)
}

/// A form that changes the signed-in account.
struct Posted {
    app: Arc<App>,
    context: RequestContext,
    client: client::Client,
    cookies: Cookies,
    signed_in: SignedIn,
    submission: Submission,
}

impl<'a> FromRequest<'a> for Posted {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let Data(app) = Data::<&Arc<App>>::from_request(request, body).await?;
        let Data(context) = Data::<&RequestContext>::from_request(request, body).await?;
        let Client(client) = Client::from_request(request, body).await?;
        let PageCookies(cookies) = PageCookies::from_request(request, body).await?;
        let Member(signed_in) = Member::from_request(request, body).await?;
        let mut submission = Submission::from_request(request, body).await?;
        let client = submission.with_proof_of_work(client, context.response_format)?;
        Ok(Self { app: Arc::clone(app), context: context.clone(), client, cookies, signed_in, submission })
    }
}

impl Posted {
    /// `done` is the key of the success message.
    async fn update(self, changes: Changes, done: &'static str, shown: Shown) -> poem::Result<Response> {
        let Self { app, context, client, cookies, signed_in, .. } = self;
        let updated = app.accounts.update(&signed_in, changes, &client).await;
        let page = Page { app: &app, context: &context, signed_in: &signed_in };
        page.answer(Jar { cookies: &cookies, app: &app }, updated, done, shown).await
    }
}

/// `POST /account/profile`
#[handler]
pub(crate) async fn profile(mut posted: Posted) -> poem::Result<Response> {
    let full_name = posted.submission.text(Field::FullName.name())?.unwrap_or_default();
    let shown = Shown { form: Some(AccountForm::Profile), full_name: Some(full_name.clone()), ..Shown::default() };
    let changes = Changes { full_name: Some(full_name), ..Changes::default() };
    posted.update(changes, "account-saved-profile", shown).await
}

/// `POST /account/email`
#[handler]
pub(crate) async fn email(mut posted: Posted) -> poem::Result<Response> {
    let email = posted.submission.text(Field::Email.name())?.unwrap_or_default();
    let current = posted.submission.secret(Field::CurrentPassword)?;
    let shown = Shown { form: Some(AccountForm::Email), email: email.clone(), ..Shown::default() };
    let changes = Changes { email: Some(email), current, ..Changes::default() };
    posted.update(changes, "account-saved-email", shown).await
}

/// `POST /account/password`
#[handler]
pub(crate) async fn password(mut posted: Posted) -> poem::Result<Response> {
    let current = posted.submission.secret(Field::CurrentPassword)?;
    let password = posted.submission.secret(Field::Password)?.or_else(|| Some(Secret::new(String::new())));
    let changes = Changes { password, current, ..Changes::default() };
    let shown = Shown { form: Some(AccountForm::Password), ..Shown::default() };
    posted.update(changes, "account-saved-password", shown).await
}

/// `POST /account/sessions/revoke`: `id` is a session's, or `others`.
#[handler]
pub(crate) async fn revoke_sessions(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    PageCookies(cookies): PageCookies,
    Member(signed_in): Member,
    mut submission: Submission,
) -> poem::Result<Response> {
    let id = submission.text("id")?.unwrap_or_default();
    let (which, done) = match id.parse() {
        _ if id == OTHERS => (Which::Others, "account-saved-sessions"),
        Ok(id) => (Which::One(id), "account-saved-session"),
        Err(_) => return Err(AppError::NotFound.into()),
    };
    app.accounts.revoke_sessions(&signed_in, which, &client).await.map_err(AppError::from)?;
    let page = Page { app, context, signed_in: &signed_in };
    page.answer(Jar { cookies: &cookies, app }, Ok(Updated::default()), done, Shown::default()).await
}

/// `POST /account/delete`
#[handler]
pub(crate) async fn delete(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Client(client): Client,
    Member(signed_in): Member,
    mut submission: Submission,
) -> poem::Result<Response> {
    let current = submission.secret(Field::CurrentPassword)?;
    let is_confirmed = submission.take_checkbox(Field::Confirm);
    match app.accounts.delete_account(&signed_in, current, is_confirmed, &client).await {
        Ok(()) if context.response_format == ResponseFormat::Page => {
            let mut response = Redirect::see_other("/account/deleted").into_response();
            session::clear(&mut response, app);
            Ok(response)
        }
        Ok(()) => Ok(reply::no_content()),
        Err(rejection) => {
            let page = Page { app, context, signed_in: &signed_in };
            let shown = Shown { form: Some(AccountForm::Delete), ..Shown::default() };
            page.refuse(rejection, shown).await
        }
    }
}

/// `GET /account/deleted`
#[handler]
pub(crate) fn deleted(
    Data(app): Data<&Arc<App>>,
    Data(context): Data<&RequestContext>,
    Visitor(signed_in): Visitor,
) -> poem::Result<Response> {
    if signed_in.is_some() {
        return Ok(Redirect::see_other(next::HOME).into_response());
    }
    let pages = Pages { app, context };
    pages.notice(StatusCode::OK, "account-deleted-title", "account-deleted".into(), true, None)
}

/// What the page shows besides account data.
#[derive(Default)]
struct Shown {
    /// The submitted form.
    form: Option<AccountForm>,
    /// Submitted values.
    full_name: Option<String>,
    email: String,
    done: Message,
    /// A transient error.
    notice: Option<Message>,
}

struct Page<'a> {
    app: &'a App,
    context: &'a RequestContext,
    signed_in: &'a SignedIn,
}

impl Page<'_> {
    async fn answer(
        &self,
        jar: Jar<'_>,
        updated: Result<Updated, Rejection>,
        done: &'static str,
        shown: Shown,
    ) -> poem::Result<Response> {
        let updated = match updated {
            Ok(updated) => updated,
            Err(rejection) => return self.refuse(rejection, shown).await,
        };
        let mut response = if self.context.response_format == ResponseFormat::Page {
            jar.set(CookieKind::Flash, &format!("{DONE}{done}:{}", updated.pending_email.unwrap_or_default()));
            Redirect::see_other(next::HOME).into_response()
        } else {
            reply::no_content()
        };
        if let Some(token) = &updated.token {
            session::set(&mut response, token, self.app);
            jar.set_devices(&updated.devices);
        }
        Ok(response)
    }

    async fn refuse(&self, rejection: Rejection, shown: Shown) -> poem::Result<Response> {
        match (rejection, self.context.response_format) {
            (Rejection::Input(errors), ResponseFormat::Page) => {
                self.render(StatusCode::BAD_REQUEST, shown, &errors).await
            }
            (Rejection::Input(errors), _) => Ok(reply::refused(&errors, EMAIL_TEXTS, self.context, &self.app.site)),
            (other, response_format) => {
                let error = AppError::from(other);
                if response_format != ResponseFormat::Page || !error.is_transient() {
                    return Err(error.into());
                }
                // The other forms lose their password.
                let attribute = if shown.form == Some(AccountForm::Profile) { "detail" } else { "notice" };
                let shown = Shown { notice: Some(notice_of(self.context, &error, attribute)), ..shown };
                // Rendering reads the database too.
                let Ok(mut page) = self.render(error.info().status, shown, &[]).await else { return Err(error.into()) };
                error.log();
                error.add_headers(&mut page);
                Ok(page)
            }
        }
    }

    async fn render(&self, status: StatusCode, shown: Shown, errors: &[FieldError]) -> poem::Result<Response> {
        let Self { app, context, signed_in } = self;
        let account = signed_in.account();
        let pending = app.accounts.pending_email(signed_in).await.map_err(AppError::from)?;
        let sessions = app.accounts.sessions(signed_in).await.map_err(AppError::from)?;
        let activity = app.accounts.activity(signed_in, ACTIVITY).await.map_err(AppError::from)?;
        let view = AccountView {
            address: account.email.clone().unwrap_or_default(),
            username: account.username.clone().unwrap_or_default(),
            is_verified: account.is_verified,
            can_mail: app.accounts.policy().sends_mail,
            pending_address: pending.unwrap_or_default(),
            full_name: shown.full_name.or_else(|| account.full_name.clone()).unwrap_or_default(),
            email: shown.email,
            password_min: app.accounts.policy().password.min_characters,
            password_max: PASSWORD_MAX_CHARACTERS,
            sessions: sessions.into_iter().map(session_view).collect(),
            activity: activity.into_iter().filter_map(activity_view).collect(),
        };
        let form = shown.form.unwrap_or(AccountForm::Profile);
        let page =
            AccountPage::new(context.frame(), view, form, &messages::field_errors(errors), shown.notice, shown.done);
        Ok(reply::page(status, &page, &context.theme).map_err(AppError::from)?)
    }
}

fn session_view(session: SessionInfo) -> SessionView {
    SessionView {
        id: session.id.to_string(),
        device: device(session.user_agent.as_deref().unwrap_or_default()),
        is_current: session.is_current,
        is_token: session.kind == SessionKind::Token,
        peer: session.peer.unwrap_or_default(),
        signed_in: moment(session.created_at),
        last_seen: moment(session.last_seen_at),
    }
}

/// `None` for an event of a later version.
fn activity_view(entry: Entry) -> Option<ActivityView> {
    let key = messages::activity(&entry.event, entry.succeeded)?;
    Some(ActivityView {
        what: key.into(),
        time: moment(entry.at),
        peer: entry.peer.unwrap_or_default(),
        succeeded: entry.succeeded,
    })
}
