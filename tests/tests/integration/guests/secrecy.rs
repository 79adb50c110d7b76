//! A guest's links and codes are in the mail and nowhere else: not in answers, not in the database, not in broadcasts.

use serde_json::json;
use tests::app::TestApp;
use tests::socketio::{ConnectOptions, SocketClient};

use super::{Wish, code_of, enter, mailed, path_of};

const GINA: &str = "gina@example.test";

#[tokio::test]
async fn what_lets_a_guest_in_is_in_the_mail_and_nowhere_else() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let agent = SocketClient::connect(&app.url(), ConnectOptions::default().token(ada.token())).await;
    let submitted = Wish::of(GINA).submit(&app.anonymous()).await.is(201);
    let path = path_of(&submitted);
    agent
        .ask("join-ticket", json!([submitted.json()["ticketId"]]))
        .await;
    let asked = app
        .anonymous()
        .post("/api/guest/link", &json!({ "email": GINA }))
        .await
        .is(202);
    app.mailbox().next_of(GINA, "guest_link").await;
    let (used, unused) = (mailed(&app, GINA).await, mailed(&app, GINA).await);
    let gina = enter(&app, &json!({ "token": used.token() })).await;
    gina.post(&format!("{path}/comments"), &json!({ "content": "said" }))
        .await
        .is(201);
    agent.expect("comment:added").await;

    let mut seen: Vec<String> = vec![submitted.text(), asked.text(), format!("{:?}", agent.events())];
    for path in [
        &path,
        &format!("{path}/history"),
        "/api/tickets",
        "/api/admin/users",
        "/ready",
    ] {
        seen.push(ada.get(path).await.text());
        seen.push(gina.get(path).await.text());
    }
    seen.extend(app.database().rows().await.into_iter().map(|(_, row)| row));
    for mail in [&used, &unused] {
        let code = code_of(mail);
        for secret in [mail.token().to_owned(), code.clone(), code.replace('-', "")] {
            let found = seen
                .iter()
                .find(|text| text.to_lowercase().contains(&secret.to_lowercase()));
            assert_eq!(found, None);
        }
        // Once in the plain part, behind the `#`, of which no `Referer` tells.
        assert!(
            mail.links()
                .all(|link| !link.split('#').next().unwrap().contains(mail.token()))
        );
    }
}

/// The page that a link leads to asks nobody else for anything, tells nobody where it was reached from, and lets nobody
/// keep it.
#[tokio::test]
async fn the_page_that_a_link_leads_to_tells_nobody_of_it() {
    let app = TestApp::new().await;
    Wish::of(GINA).submit(&app.anonymous()).await.is(201);
    let mail = mailed(&app, GINA).await;
    let address = mail.link().split('#').next().unwrap().to_owned();
    let path = address
        .split_once("/tickets/")
        .map(|(_, rest)| format!("/tickets/{rest}"))
        .unwrap();
    let page = app.anonymous().get(&path).await.is(200);
    let policy = page.header("referrer-policy");
    assert!(["no-referrer", "same-origin"].contains(&policy), "{policy}");
    assert!(!page.text().contains(mail.token()));
    assert!(!page.text().contains(GINA));
}
