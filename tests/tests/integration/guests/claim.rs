//! A guest who registers with the same address becomes a user, with all that belongs to it; and whoever had the guest's
//! mails has nothing of it any more.

use std::time::Duration;

use serde_json::json;
use tests::app::TestApp;
use tests::socketio::{ConnectOptions, SocketClient};
use tokio::time::timeout;

use super::{Wish, code_of, guest, mailed, path_of};

const GINA: &str = "gina@example.test";
const PASSWORD: &str = "gulls-over-ginas-harbour";
/// How soon a connection must end whose session has.
const AT_ONCE: Duration = Duration::from_secs(1);

#[tokio::test]
async fn who_claims_a_guests_account_has_its_tickets_and_the_guests_ways_in_are_shut() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let older = path_of(&Wish::of(GINA).submit(&app.anonymous()).await);
    let (gina, newest) = guest(&app, GINA).await;
    let mail = mailed(&app, GINA).await;
    let socket = SocketClient::connect(&app.url(), ConnectOptions::default().token(gina.token())).await;

    let wish = json!({ "email": GINA, "password": PASSWORD, "name": "Gina Grown" });
    app.anonymous().post("/api/auth/register", &wish).await.is(202);
    let registration = app.mailbox().next_of(GINA, "registration").await;
    // Until it is confirmed nothing changes.
    assert_eq!(gina.get("/api/auth/me").await.good()["role"], "GUEST");
    let confirm = json!({ "token": registration.token(), "password": PASSWORD });
    app.anonymous()
        .post("/api/auth/register/confirm", &confirm)
        .await
        .good();

    timeout(AT_ONCE, socket.disconnected()).await.expect("at once");
    gina.get(&older).await.problem(401);
    for proof in [
        json!({ "token": mail.token() }),
        json!({ "code": code_of(&mail) }),
    ] {
        app.anonymous()
            .post("/api/guest/session", &proof)
            .await
            .problem(401);
    }

    let user = app.anonymous().sign_in(GINA, PASSWORD).await;
    assert_eq!(user.id(), gina.id());
    assert_eq!(
        (&user.account["role"], &user.account["name"]),
        (&json!("USER"), &json!("Gina Grown"))
    );
    for path in [&older, &newest] {
        user.get(path).await.is(200);
        assert_eq!(ada.get(path).await.good()["createdBy"]["role"], "USER");
    }
    // Live, too.
    let socket = SocketClient::connect(&app.url(), ConnectOptions::default().token(user.token())).await;
    let ticket = older.rsplit('/').next().unwrap();
    let joined = socket.ask("join-ticket", json!([ticket])).await;
    assert_eq!(joined[0]["ok"], true, "{joined:?}");
    ada.post(&format!("{older}/comments"), &json!({ "content": "hello" }))
        .await
        .is(201);
    socket.expect("comment:added").await;
    // What is submitted for the address later is the user's, and no link to it is mailed.
    let later = path_of(&Wish::of(GINA).submit(&app.anonymous()).await.is(201));
    user.get(&later).await.is(200);
}
