//! Every kind of event with a canary in every text, and what each kind of client may have heard of it (R3).

use serde_json::json;
use tests::app::{Client, TestApp};
use tests::socketio::SocketClient;

use super::{caught_up, drained, join, socket_of};
use crate::shape::PNG;

fn hears(socket: &SocketClient, word: &str) -> bool {
    json!(socket.events()).to_string().contains(word)
}

/// Each kind of event that a ticket can have, with words that stand nowhere else.
async fn every_kind_of_event(ulla: &Client, ada: &Client, path: &str) {
    for change in [
        json!({ "title": "canary-title-changed" }),
        json!({ "description": "canary-description-changed" }),
    ] {
        ulla.patch(path, &change).await.good();
    }
    for change in [
        json!({ "status": "RESOLVED" }),
        json!({ "priority": "CRITICAL" }),
        json!({ "category": "TRAVEL" }),
        json!({ "assignedToId": ada.id() }),
        json!({ "assignedToId": null }),
    ] {
        ada.patch(path, &change).await.good();
    }
    let comments = format!("{path}/comments");
    let public = json!({ "content": "canary-public-comment" });
    ulla.post(&comments, &public).await.is(201);
    let internal = json!({ "content": "canary-internal-comment", "isInternal": true });
    ada.post(&comments, &internal).await.is(201);
    let attachments = format!("{path}/attachments");
    ulla.upload(&attachments, "canary-file.png", "image/png", PNG)
        .await
        .is(201);
}

const PUBLIC: [&str; 5] = [
    "canary-title-created",
    "canary-title-changed",
    "canary-description-changed",
    "canary-public-comment",
    "canary-file.png",
];

#[tokio::test]
async fn each_client_has_heard_what_it_may_and_nothing_else() {
    let app = TestApp::new().await;
    let (ada, ulla, otto) = (
        app.admin("Ada").await,
        app.user("Ulla").await,
        app.user("Otto").await,
    );
    let (aude, opa) = (app.auditor("Aude").await, app.operator("Opa").await);
    let sockets = [
        (socket_of(&app, &ada).await, true, true),
        (socket_of(&app, &aude).await, true, true),
        (socket_of(&app, &ulla).await, true, false),
        (socket_of(&app, &otto).await, false, false),
        (socket_of(&app, &opa).await, false, false),
    ];
    let ticket = ulla.new_ticket("canary-title-created").await;
    for (socket, may_read, _) in &sockets {
        if *may_read {
            join(socket, &ticket).await;
        } else {
            for guess in [ticket["id"].as_str().unwrap(), "all", "admins", "/"] {
                let room = json!([guess]);
                let answer = socket.ask("join-ticket", room).await;
                assert_eq!(answer[0]["ok"], false);
            }
        }
    }
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    every_kind_of_event(&ulla, &ada, &path).await;
    ada.delete(&path).await.good();
    for (number, owner) in [(0, &ada), (1, &ada), (2, &ulla), (3, &otto)] {
        caught_up(&sockets[number].0, owner).await;
    }
    // An operator hears of no ticket at all.
    drained(&sockets[4].0).await;
    for (number, (socket, public, internal)) in sockets.iter().enumerate() {
        for word in PUBLIC {
            assert_eq!(hears(socket, word), *public, "{number}: {word}");
        }
        assert_eq!(hears(socket, "canary-internal-comment"), *internal, "{number}");
        for secret in [
            "password",
            "hash",
            "token",
            "isActive",
            &ulla.password,
            ulla.token(),
        ] {
            assert!(!hears(socket, secret), "{number}: {secret}");
        }
    }
}
