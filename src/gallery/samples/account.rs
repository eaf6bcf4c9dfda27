//! Samples of the account page.

use super::{
    ADDRESS, MARKUP, TIME, errors_of, errors_of_new_password, long_address, proofs::limit_exhausted, temporary_errors,
};
use crate::{
    appearance::Samples,
    domain::field_error::{Field, FieldError, PASSWORD_MAX_CHARACTERS},
    gallery::full_frame::with_every_setting,
    views::{
        frame::Frame,
        pages::{AccountForm, AccountPage, AccountView, ActivityView, SessionView},
        texts::Message,
    },
    web::messages,
};

/// A `User-Agent` without a known short name.
const USER_AGENT: &str = "Mozilla/5.0 (Linux; Android 16; made-up-phone-with-a-long-name Build/AB3A.250805.002; wv) \
                          AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/150.0.0.0 Mobile Safari/537.36";

/// Every entry of the activity list.
const EVENTS: [&str; 15] = [
    "activity-account_registered",
    "activity-account_claimed",
    "activity-email_verified",
    "activity-login",
    "activity-login_failed",
    "activity-logout",
    "activity-session_revoked",
    "activity-password_reset_requested",
    "activity-password_reset",
    "activity-password_changed",
    "activity-password_change_failed",
    "activity-email_change_requested",
    "activity-email_changed",
    "activity-profile_changed",
    "activity-data_exported",
];

fn session(device: &str, peer: &str) -> SessionView {
    SessionView {
        id: "17".to_owned(),
        device: device.to_owned(),
        peer: peer.to_owned(),
        signed_in: TIME.to_owned(),
        last_seen: TIME.to_owned(),
        ..SessionView::default()
    }
}

fn event(key: &'static str) -> ActivityView {
    ActivityView {
        what: key.into(),
        time: TIME.to_owned(),
        peer: "192.0.2.7".to_owned(),
        succeeded: !key.ends_with("_failed"),
    }
}

/// A new account.
fn fresh() -> AccountView {
    AccountView {
        address: ADDRESS.to_owned(),
        can_mail: true,
        password_min: 12,
        password_max: PASSWORD_MAX_CHARACTERS,
        sessions: vec![SessionView { is_current: true, ..session("Firefox, Linux", "192.0.2.7") }],
        activity: vec![event("activity-account_registered")],
        ..AccountView::default()
    }
}

/// An account with all data.
fn furnished() -> AccountView {
    let current = fresh().sessions;
    let others = [
        session("Safari, iPhone", "2001:db8:85a3::8a2e:370:7334"),
        session("Firefox, Linux", "198.51.100.23"),
        session("", ""),
        SessionView { is_token: true, ..session("curl", "203.0.113.5") },
    ];
    AccountView {
        username: "ada".to_owned(),
        pending_address: "ada.lovelace@example.com".to_owned(),
        full_name: "Ada Lovelace".to_owned(),
        sessions: current.into_iter().chain(others).collect(),
        activity: ["activity-login", "activity-login_failed", "activity-account_registered"].map(event).to_vec(),
        ..fresh()
    }
}

impl Samples for AccountPage {
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)> {
        let page = |account: AccountView, done: Message| {
            Self::new(frame.clone(), account, AccountForm::Profile, &[], None, done)
        };
        let plain = |account: AccountView| page(account, Message::default());
        let wrong = |form: AccountForm, account: AccountView, errors: &[FieldError]| {
            Self::new(frame.clone(), account, form, &messages::field_errors(errors), None, Message::default())
        };
        let verified = || AccountView { is_verified: true, full_name: "Ada Lovelace".to_owned(), ..fresh() };
        let username_only = || AccountView { address: String::new(), username: "ada".to_owned(), ..fresh() };
        let long = AccountView {
            address: long_address(),
            username: "a".repeat(64),
            pending_address: long_address(),
            full_name: "Maximiliane ".repeat(10),
            email: long_address(),
            sessions: [USER_AGENT, &"x".repeat(200)].map(|device| session(device, &"2001:db8:".repeat(5))).to_vec(),
            ..furnished()
        };
        let markup = AccountView {
            address: MARKUP.to_owned(),
            username: "<b>ada</b>".to_owned(),
            pending_address: MARKUP.to_owned(),
            full_name: "<b>Ada</b> & \"Co\"".to_owned(),
            email: MARKUP.to_owned(),
            sessions: vec![session("<b>Firefox</b>", "<b>192.0.2.7</b>")],
            ..furnished()
        };
        let every_event =
            EVENTS.into_iter().map(event).chain([ActivityView { peer: String::new(), ..event("activity-login") }]);
        let mut samples = vec![
            ("fresh", plain(fresh())),
            (
                "furnished",
                Self::new(with_every_setting(frame), furnished(), AccountForm::Profile, &[], None, Message::default()),
            ),
            ("verified", plain(verified())),
            ("username-only", plain(username_only())),
            ("username-only-no-mail", plain(AccountView { can_mail: false, ..username_only() })),
            ("no-mail", plain(AccountView { can_mail: false, ..fresh() })),
            ("no-activity", plain(AccountView { activity: Vec::new(), ..fresh() })),
            ("every-activity", plain(AccountView { activity: every_event.collect(), ..verified() })),
            ("long-values", plain(long)),
            ("markup", plain(markup)),
            ("saved-profile", page(verified(), "account-saved-profile".into())),
            ("saved-email", page(verified(), Message::new("account-saved-email").with("address", ADDRESS))),
            ("saved-password", page(verified(), "account-saved-password".into())),
            ("saved-session", page(verified(), "account-saved-session".into())),
            ("saved-sessions", page(verified(), "account-saved-sessions".into())),
        ];
        let missing = FieldError::CurrentPasswordMissing;
        for (name, form, errors) in [
            ("email-all-missing", AccountForm::Email, vec![FieldError::EmailMissing, missing]),
            ("password-all-missing", AccountForm::Password, vec![missing, FieldError::PasswordMissing]),
            ("delete-all-missing", AccountForm::Delete, vec![missing, FieldError::ConfirmMissing]),
            ("email-current-password-wrong", AccountForm::Email, vec![FieldError::CurrentPasswordWrong]),
            ("password-current-password-wrong", AccountForm::Password, vec![FieldError::CurrentPasswordWrong]),
            ("delete-current-password-wrong", AccountForm::Delete, vec![FieldError::CurrentPasswordWrong]),
        ] {
            samples.push((name, wrong(form, furnished(), &errors)));
        }
        // The form accepts an empty name.
        let full_name = errors_of(Field::FullName).filter(|error| *error != FieldError::FullNameMissing);
        let typed = || AccountView { email: "ada.example.com".to_owned(), ..verified() };
        samples.extend(full_name.map(|error| (error.code(), wrong(AccountForm::Profile, verified(), &[error]))));
        samples
            .extend(errors_of(Field::Email).map(|error| (error.code(), wrong(AccountForm::Email, typed(), &[error]))));
        samples.extend(
            errors_of_new_password().map(|error| (error.code(), wrong(AccountForm::Password, verified(), &[error]))),
        );
        let notice = Some("proof-crowd".into());
        let challenged = limit_exhausted(frame, "/account/email");
        let challenged = Self::new(challenged, typed(), AccountForm::Email, &[], notice, Message::default());
        samples.push(("proof-crowd", challenged));
        samples.extend(temporary_errors().into_iter().map(|(code, notice)| {
            let form = AccountForm::Password;
            (code, Self::new(frame.clone(), verified(), form, &[], Some(notice), Message::default()))
        }));
        samples
    }
}
