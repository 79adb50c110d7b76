//! What ends a guest's way in: the guest, an admin, or an account of their own.

use std::time::Duration;

use serde_json::json;
use tests::app::TestApp;
use tests::socketio::{ConnectOptions, SocketClient};
use tokio::time::timeout;

use super::{code_of, enter, guest, mailed};

const GINA: &str = "gina@example.test";
const SESSION: &str = "/api/guest/session";
/// How soon a connection must end whose session has.
const AT_ONCE: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_guest_makes_all_links_codes_and_other_sessions_worthless() {
    let app = TestApp::new().await;
    let (stolen, path) = guest(&app, GINA).await;
    let mail = mailed(&app, GINA).await;
    let gina = enter(&app, &json!({ "code": code_of(&mail) })).await;
    let (other, _) = guest(&app, "otto@example.test").await;
    let socket = SocketClient::connect(&app.url(), ConnectOptions::default().token(stolen.token())).await;
    gina.delete("/api/guest/links").await.is(200);
    timeout(AT_ONCE, socket.disconnected()).await.expect("at once");
    stolen.get(&path).await.problem(401);
    for proof in [
        json!({ "token": mail.token() }),
        json!({ "code": code_of(&mail) }),
    ] {
        app.anonymous().post(SESSION, &proof).await.problem(401);
    }
    // But not the session that asked, nobody else's, and not what is mailed later.
    gina.get(&path).await.is(200);
    other.get("/api/tickets").await.is(200);
    let later = mailed(&app, GINA).await;
    enter(&app, &json!({ "token": later.token() }))
        .await
        .get(&path)
        .await
        .is(200);
    app.anonymous().delete("/api/guest/links").await.problem(401);
}

#[tokio::test]
async fn a_deactivated_guest_is_out_and_stays_out() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let (gina, path) = guest(&app, GINA).await;
    let mail = mailed(&app, GINA).await;
    let socket = SocketClient::connect(&app.url(), ConnectOptions::default().token(gina.token())).await;
    let account = format!("/api/admin/users/{}", gina.id());
    ada.patch(&account, &json!({ "isActive": false })).await.good();
    timeout(AT_ONCE, socket.disconnected()).await.expect("at once");
    gina.get(&path).await.problem(401);
    for proof in [
        json!({ "token": mail.token() }),
        json!({ "code": code_of(&mail) }),
    ] {
        app.anonymous().post(SESSION, &proof).await.problem(401);
    }
}

/// A link that was mailed to a guest is no way into what the account has become.
#[tokio::test]
async fn who_is_no_guest_any_more_is_not_let_in_by_a_guests_link() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    for role in ["USER", "ADMIN"] {
        let email = format!("gina.{role}@example.test");
        let (gina, _) = guest(&app, &email).await;
        let mail = mailed(&app, &email).await;
        let account = format!("/api/admin/users/{}", gina.id());
        ada.patch(&account, &json!({ "role": role })).await.good();
        for proof in [
            json!({ "token": mail.token() }),
            json!({ "code": code_of(&mail) }),
        ] {
            app.anonymous().post(SESSION, &proof).await.problem(401);
        }
    }
}
