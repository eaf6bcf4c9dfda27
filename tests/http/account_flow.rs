//! The lifecycle of an account: sign-up, mail, verification, login, change of address, password reset, deletion; by a
//! browser without JavaScript, and by a program.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{BETTER, Backend, Browser, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};

const BEST: &str = "seven owls in the old barn";

#[rstest]
#[tokio::test]
async fn by_browser(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Browser::new(&server);

    // Sign-up: the browser has a session at once; the address is not verified.
    ada.sign_up("Ada@Example.com", GOOD).await;
    let welcome = ada.get("/welcome").await.page(200);
    assert_eq!(welcome.text("h1"), "Your account is ready");
    assert!(welcome.has("a[href='/account']"));
    assert!(welcome.has("a[href='/verify-email']"));
    let account = ada.get("/account").await.page(200);
    assert!(account.text("#email").contains("ada@example.com is not confirmed yet."));

    // Verification by code.
    let waiting = ada.get("/verify-email").await.page(200);
    assert!(waiting.text("main").contains("We sent a link and a code to ada@example.com."));
    let mail = mailbox.newest("ada@example.com", 1).await;
    let code = mail.code();
    assert_eq!(mail.subject(), format!("{code} is your code for Vestibule"));
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = ada.post("/verify-email", &[("code", wrong)]).await.page(400);
    assert!(refused.text(".summary li").starts_with("This is not the code we sent"));
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let verified = ada.post("/verify-email", &[("code", &spaced)]).await.page(200);
    assert_eq!(verified.text("h1"), "Email address confirmed");
    assert!(ada.get("/account").await.page(200).text("#email").contains("ada@example.com is confirmed."));

    // Logout and login.
    assert_eq!(Browser::location(&ada.post("/logout", &[]).await), "/login");
    assert_eq!(Browser::location(&ada.get("/account").await), "/login?next=/account");
    let refused = ada.log_in("ada@example.com", "not the password").await.page(403);
    assert_eq!(
        refused.text(".summary li"),
        "The email address or username, or the password, is not right. Check both, then try again."
    );
    assert_eq!(refused.attribute("input[name=identifier]", "value").as_deref(), Some("ada@example.com"));
    let fields = [("identifier", " ADA@example.com "), ("password", GOOD), ("next", "/account?x=1#email")];
    assert_eq!(Browser::location(&ada.post("/login", &fields).await), "/account?x=1#email");

    // Full name.
    assert_eq!(Browser::location(&ada.post("/account/profile", &[("full_name", " Ada King ")]).await), "/account");
    let account = ada.get("/account").await.page(200);
    assert_eq!(account.text(".notice"), "Your profile is saved.");
    assert_eq!(account.attribute("input[name=full_name]", "value").as_deref(), Some("Ada King"));
    assert!(!ada.get("/account").await.page(200).has(".notice"), "the notice is shown once");

    // Change of address: verification of the new one, notice to the old one.
    let refused = ada.post("/account/email", &[("email", "king@"), ("current_password", "")]).await.page(400);
    assert_eq!(refused.texts(".summary li").len(), 2);
    let fields = [("email", "King@Example.com"), ("current_password", "wrong")];
    let refused = ada.post("/account/email", &fields).await.page(400);
    assert_eq!(refused.text(".summary li"), "This is not your current password. Check it, then try again.");
    let fields = [("email", "King@Example.com"), ("current_password", GOOD)];
    assert_eq!(Browser::location(&ada.post("/account/email", &fields).await), "/account");
    let mail = mailbox.newest("king@example.com", 1).await;
    assert_eq!(mail.subject(), "Confirm your new email address for Vestibule");
    let account = ada.get("/account").await.page(200);
    assert!(account.text(".notice").contains("We sent an email to king@example.com."));
    assert!(account.text("#email").contains("ada@example.com is confirmed."), "nothing has changed yet");
    let link = mail.link().replace(&server.url(""), "");
    let page = ada.get(&link).await.page(200);
    assert!(!page.has("input[type=password]"), "a session needs no password");
    let token = page.attribute("input[name=token]", "value").expect("a token");
    let changed = ada.post("/verify-email", &[("token", &token)]).await.page(200);
    assert_eq!(changed.text("h1"), "Email address changed");
    let notice = mailbox.newest("ada@example.com", 2).await;
    assert_eq!(notice.subject(), "Your email address at Vestibule was changed");
    assert!(notice.text().contains("k…g@example.com"));
    assert!(!notice.text().contains("king@example.com"));

    // Change of password: the other sessions end, this one does not.
    let phone = Browser::new(&server);
    assert_eq!(Browser::location(&phone.log_in("king@example.com", GOOD).await), "/account");
    let before = ada.cookie("vestibule_session");
    let fields = [("current_password", GOOD), ("password", BETTER)];
    assert_eq!(Browser::location(&ada.post("/account/password", &fields).await), "/account");
    assert_ne!(ada.cookie("vestibule_session"), before, "the session has a new value");
    assert!(ada.is_signed_in().await);
    assert!(!phone.is_signed_in().await);
    assert_eq!(mailbox.newest("king@example.com", 2).await.subject(), "Your password at Vestibule was changed");

    // Password reset.
    let requested = phone.post("/forgot-password", &[("email", "king@example.com")]).await.page(200);
    assert_eq!(requested.text("h1"), "Look in your inbox");
    let mail = mailbox.newest("king@example.com", 3).await;
    let link = mail.link().replace(&server.url(""), "");
    let answer = phone.get(&link).await;
    assert_eq!(Browser::location(&answer), "/reset-password");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    let answer = phone.get("/reset-password").await;
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    let page = answer.page(200);
    let token = page.attribute("input[name=token]", "value").expect("a token");
    assert!(page.text("main").contains("king@example.com"));
    let refused = phone.post("/reset-password", &[("token", &token), ("password", "short")]).await.page(400);
    assert_eq!(refused.text(".summary li"), "Password must be 12 characters or more.");
    let done = phone.post("/reset-password", &[("token", &token), ("password", BEST)]).await.page(200);
    assert_eq!(done.text("h1"), "Password changed");
    assert!(!ada.is_signed_in().await, "a reset ends all sessions and starts none");
    assert!(!phone.is_signed_in().await, "a reset ends all sessions and starts none");
    assert_eq!(mailbox.newest("king@example.com", 4).await.subject(), "Your password at Vestibule was changed");
    for (old, status) in [(GOOD, 403), (BETTER, 403), (BEST, 303)] {
        assert_eq!(ada.log_in("king@example.com", old).await.status, status);
    }

    // Export.
    let export = ada.get("/account/export").await;
    assert_eq!(export.header("content-disposition"), "attachment; filename=\"account.json\"");
    let events: Vec<Value> =
        export.json()["activity"].as_array().expect("a list").iter().map(|line| line["event"].clone()).collect();
    for event in
        ["account_registered", "email_verified", "login", "email_changed", "password_changed", "password_reset"]
    {
        assert!(events.contains(&json!(event)), "{event}: {events:?}");
    }

    // Account deletion.
    let refused = ada.post("/account/delete", &[("current_password", BEST)]).await.page(400);
    assert_eq!(refused.text(".summary li"), "Tick the box to delete your account.");
    let fields = [("current_password", BEST), ("confirm", "on")];
    assert_eq!(Browser::location(&ada.post("/account/delete", &fields).await), "/account/deleted");
    assert_eq!(ada.get("/account/deleted").await.page(200).text("h1"), "Account deleted");
    assert_eq!(mailbox.newest("king@example.com", 5).await.subject(), "Your account at Vestibule was deleted");
    assert_eq!(ada.log_in("king@example.com", BEST).await.status, 403);
    for table in ["users", "sessions", "mail_tokens", "claims"] {
        assert_eq!(server.database.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}

#[rstest]
#[tokio::test]
async fn by_json(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = json!({"email": "ada@example.com", "password": GOOD, "full_name": "Ada"});
    server.post_json("/register", &ada).await.assert_json(201, &json!({"id": 1, "email": "ada@example.com"}));

    // Verification: a program without the sign-up's session needs the password too.
    let token = mailbox.newest("ada@example.com", 1).await.token();
    let error = |field: &str, code: &str, message: &str| json!({"detail": message, "errors": [{"field": field, "code": code, "message": message}]});
    server
        .post_json("/verify-email", &json!({"token": token}))
        .await
        .assert_json(400, &error("password", "password_missing", "Enter a password."));
    server.post_json("/verify-email", &json!({"token": token, "password": "wrong"})).await.assert_json(
        400,
        &error("password", "password_wrong", "This is not the password of this account. Check it, then try again."),
    );
    let answer = server.post_json("/verify-email", &json!({"token": token, "password": GOOD})).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    server
        .post_json("/verify-email", &json!({"token": token, "password": GOOD}))
        .await
        .assert_json(400, &error("token", "token_used", "This link was used before. Have a new one sent."));

    // Login through three endpoints.
    let wrong = json!({"detail": "Incorrect email or password"});
    let answer = server.post_json("/login", &json!({"identifier": "ada@example.com", "password": "wrong"})).await;
    answer.assert_json(401, &wrong);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    let bearer = server.token("ADA@example.com", GOOD).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("grant_type=password&username=ada%40example.com&password={GOOD}&scope=");
    let answer = server.send("POST", "/api/v1/login/access-token", &form, body).await;
    assert_eq!(answer.status, 200);
    assert_eq!((&answer.json()["token_type"], &answer.json()["expires_in"]), (&json!("bearer"), &json!(86_400)));
    let body = "username=ada%40example.com&password=wrong";
    server.send("POST", "/api/v1/login/access-token", &form, body).await.assert_json(400, &wrong);
    let missing = server.send("POST", "/api/v1/login/access-token", &form, "").await;
    assert_eq!((missing.status, &missing.json()["detail"][0]["loc"]), (422, &json!(["body", "username"])));

    // The current user.
    let me = server.as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await;
    let created_at = me.json()["created_at"].clone();
    let expected = json!({"id": 1, "email": "ada@example.com", "username": null, "full_name": "Ada", "is_active": true,
        "is_verified": true, "created_at": created_at, "pending_email": null});
    me.assert_json(200, &expected);
    let session = server.as_program(&bearer, "GET", "/api/v1/session", &Value::Null).await;
    assert_eq!(
        (session.status, session.header("x-user-id"), session.header("x-user-email")),
        (204, "1", "ada@example.com")
    );
    for path in ["/api/v1/users/me", "/api/v1/session"] {
        let answer = server.send("GET", path, &[], "").await;
        answer.assert_json(401, &json!({"detail": "Not authenticated"}));
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }

    // Changes are atomic.
    let codes = |answer: &crate::support::Answer| -> Vec<Value> {
        answer.json()["detail"].as_array().expect("a list").iter().map(|error| error["type"].clone()).collect()
    };
    let invalid = json!({"full_name": "X", "email": "nobody", "password": "short"});
    let answer = server.as_program(&bearer, "PATCH", "/api/v1/users/me", &invalid).await;
    assert_eq!(answer.status, 422);
    let all = ["full_name_too_short", "email_format", "current_password_missing", "password_too_short"];
    assert_eq!(codes(&answer), all);
    let wrong = json!({"full_name": "Ada King", "password": BETTER, "current_password": "wrong"});
    let answer = server.as_program(&bearer, "PATCH", "/api/v1/users/me", &wrong).await;
    assert_eq!((answer.status, codes(&answer)), (422, vec![json!("current_password_wrong")]));
    let changes =
        json!({"full_name": "Ada King", "email": "king@example.com", "password": BETTER, "current_password": GOOD});
    let answer = server.as_program(&bearer, "PATCH", "/api/v1/users/me", &changes).await;
    let mut expected = expected;
    expected["full_name"] = json!("Ada King");
    expected["pending_email"] = json!("king@example.com");
    answer.assert_json(200, &expected);
    let answer = server.as_program(&bearer, "PATCH", "/api/v1/users/me", &json!({"full_name": null})).await;
    assert_eq!((answer.status, &answer.json()["full_name"]), (200, &Value::Null));
    let answer = server.as_program(&bearer, "PATCH", "/api/v1/users/me", &json!({})).await;
    assert_eq!((answer.status, &answer.json()["full_name"]), (200, &Value::Null), "an absent member changes nothing");

    let token = mailbox.newest("king@example.com", 1).await.token();
    let answer = server.as_program(&bearer, "POST", "/verify-email", &json!({"token": token})).await;
    assert_eq!(answer.status, 204, "a session needs no password");
    assert_eq!(mailbox.wait_for("ada@example.com", 3).await.len(), 3, "verification, new password, new address");

    // Password reset.
    let accepted =
        "If there is an account for this address, an email with a link to choose a new password is on its way.";
    for address in ["king@example.com", "nobody@example.com"] {
        server
            .post_json("/forgot-password", &json!({"email": address}))
            .await
            .assert_json(202, &json!({"detail": accepted}));
    }
    let token = mailbox.newest("king@example.com", 2).await.token();
    let answer = server.post_json("/reset-password", &json!({"token": token, "password": BEST})).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    let answer = server.as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await;
    assert_eq!(answer.status, 401);
    let bearer = server.token("king@example.com", BEST).await;
    assert!(mailbox.to("nobody@example.com").is_empty());

    // Sessions.
    let other = server.token("king@example.com", BEST).await;
    let sessions = server.as_program(&bearer, "GET", "/api/v1/users/me/sessions", &Value::Null).await.json();
    assert_eq!(sessions.as_array().map(Vec::len), Some(2));
    let others: Vec<&Value> =
        sessions.as_array().expect("a list").iter().filter(|s| s["is_current"] == false).collect();
    let path = format!("/api/v1/users/me/sessions/{}", others[0]["id"]);
    assert_eq!(server.as_program(&bearer, "DELETE", &path, &Value::Null).await.status, 204);
    assert_eq!(server.as_program(&other, "GET", "/api/v1/users/me", &Value::Null).await.status, 401);

    // Account deletion.
    let answer = server.as_program(&bearer, "DELETE", "/api/v1/users/me", &json!({})).await;
    assert_eq!((answer.status, codes(&answer)), (422, vec![json!("current_password_missing")]));
    let answer = server.as_program(&bearer, "DELETE", "/api/v1/users/me", &json!({"current_password": BEST})).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert_eq!(server.as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await.status, 401);
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 0);
    let logged_out = server.as_program(&bearer, "POST", "/logout", &Value::Null).await;
    assert_eq!(logged_out.status, 204, "a second logout is accepted");
}

#[rstest]
#[tokio::test]
async fn an_account_with_a_username_alone(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    assert_eq!(server.post_json("/users", &json!({"username": "Lorenzo", "password": GOOD})).await.status, 201);
    let browser = Browser::new(&server);
    assert_eq!(Browser::location(&browser.log_in("lorenzo", GOOD).await), "/account", "there is no address to verify");
    let page = browser.get("/account").await.page(200);
    assert!(
        page.text("#email")
            .contains("Your account has no email address: if you forget your password, nobody can help you back in.")
    );

    // The account gets an address.
    let fields = [("email", "lorenzo@example.com"), ("current_password", GOOD)];
    assert_eq!(Browser::location(&browser.post("/account/email", &fields).await), "/account");
    let token = mailbox.newest("lorenzo@example.com", 1).await.token();
    browser.post("/verify-email", &[("token", &token)]).await.page(200);
    assert_eq!(browser.log_in("lorenzo@example.com", GOOD).await.status, 303);
    assert_eq!(browser.log_in("LORENZO", GOOD).await.status, 303);
    assert_eq!(mailbox.all().len(), 1, "there was no previous address to notify");
}
