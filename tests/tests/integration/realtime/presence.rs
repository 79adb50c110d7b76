//! What people do right now: shown to those who may see it, and stored nowhere (S-125, S-126).

use serde_json::{Value, json};
use tests::app::Client;
use tests::first_admin::first_admin;
use tests::process::Ground;
use tests::socketio::{Args, ConnectOptions, SocketClient};

/// Tables that change by themselves: leases and heartbeats, when a session was used last, signed heads, and mail on its way
/// with its links.
const RESTLESS: [&str; 5] = [
    "read_engine.",
    "auth.sessions",
    "log.signed_heads",
    "reactors.",
    "auth.links",
];

#[tokio::test]
async fn presence_viewing_and_typing_are_shown_and_stored_nowhere() {
    let ground = Ground::new().await;
    let server = ground.serve(&[]).await;
    let nobody = server.nobody();
    let ada = first_admin(&nobody, &ground.settings(), "Ada Canary").await;
    let bob = nobody.sign_up("Bob Canary").await;
    let ticket = bob.new_ticket("Printer on fire").await;
    let before = ground.database.rows().await;
    let lines_before = server.log().lines().len();

    let connect = |of: &Client| {
        let options = ConnectOptions::default().token(of.token());
        let url = server.url();
        async move { SocketClient::connect(&url, options).await }
    };
    let (at_ada, at_bob) = (connect(&ada).await, connect(&bob).await);
    for socket in [&at_ada, &at_bob] {
        let answer = socket.ask("join-ticket", json!([ticket["id"]])).await;
        assert_eq!(answer[0]["ok"], true, "{answer:?}");
    }
    at_ada.ask("presence", json!([{ "state": "away" }])).await;
    let viewing = |state: &str| json!([{ "ticket": ticket["id"], "state": state }]);
    at_bob.ask("viewing", viewing("editing")).await;
    let edits = |args: &Args| {
        args[0]["viewers"]
            == json!([{ "id": bob.id(), "name": "Bob Canary", "role": "USER", "state": "editing" }])
    };
    at_ada.expect_where("viewers:changed", edits).await;
    at_ada.ask("viewing", viewing("viewing")).await;
    let typing = |internal: bool| json!([{ "ticket": ticket["id"], "internal": internal, "typing": true }]);
    at_bob.ask("typing", typing(false)).await;
    let by_bob = |typing: bool| {
        move |args: &Args| args[0]["person"]["name"] == "Bob Canary" && args[0]["typing"] == typing
    };
    at_ada.expect_where("typing", by_bob(true)).await;
    at_ada.ask("typing", typing(false)).await;
    let somebody = at_bob.expect("typing").await;
    let expected = json!([{ "ticket": ticket["id"], "person": null, "internal": false, "typing": true }]);
    assert_eq!(json!(somebody), expected);
    at_ada.expect_where("typing", by_bob(false)).await;
    at_ada.ask("typing", typing(true)).await;
    let listed = at_ada.ask("presence:list", json!([])).await;
    let states: Vec<&Value> = listed[0]["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|person| &person["state"])
        .collect();
    assert_eq!(states, ["away", "online"]);
    at_bob.disconnect();
    let is_gone = |args: &Args| args[0]["people"][0]["state"] == "offline";
    at_ada.expect_where("presence:changed", is_gone).await;

    // What a requester has received says nothing of who looks, who is there, or what is written internally.
    for (name, args) in at_bob.events() {
        assert!(
            !["presence:changed", "viewers:changed", "operations:changed"].contains(&name.as_str()),
            "{name}"
        );
        let text = json!(args).to_string();
        assert!(
            !text.contains("Ada") && !text.contains("\"internal\":true"),
            "{name}: {text}"
        );
    }

    let after = ground.database.rows().await;
    for (table, row) in after.difference(&before) {
        assert!(
            RESTLESS.iter().any(|restless| table.starts_with(restless)),
            "{table}: {row}"
        );
        for word in ["typing", "viewing", "editing", "online", "away"] {
            assert!(!row.contains(word), "{table}: {row}");
        }
    }
    let lines = server.log().lines();
    for line in &lines[lines_before..] {
        for word in [
            "typing",
            "viewing",
            "editing",
            "away",
            "Canary",
            bob.id(),
            ada.id(),
        ] {
            assert!(!line.contains(word), "{word} is in the log: {line}");
        }
    }
}
