//! Lists that the official client watches: kept by what it is told, they are the ones that it would fetch, numbers
//! included; and no foreign ticket is in them (S-127, R3).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::socketio::SocketClient;
use tests::wait;

use super::traveller::Traveller;
use super::{caught_up, drained, socket_of};
use crate::shape::PNG;

/// A list as an application shows it: fetched once, and then kept by what is told.
struct Shown {
    name: &'static str,
    /// As `GET /api/tickets` takes its filters.
    query: &'static str,
    person: Client,
    tickets: BTreeMap<String, Value>,
    /// Up to where it is kept.
    position: i64,
}

impl Shown {
    /// Watches the list, and fetches it as it is from there on. The numbers are its own.
    async fn watch(
        socket: &SocketClient,
        person: &Client,
        name: &'static str,
        filters: &Value,
        query: &'static str,
    ) -> Self {
        let wish = json!([{ "list": name, "filters": filters }]);
        let answer = socket.ask("list:watch", wish).await;
        assert_eq!(answer[0]["ok"], true, "{answer:?}");
        let position = answer[0]["position"].as_i64().unwrap();
        let shown = Self::fetch(person, name, query, position).await;
        assert_eq!(answer[0]["counts"], shown.counts());
        shown
    }

    async fn fetch(person: &Client, name: &'static str, query: &'static str, position: i64) -> Self {
        let request = person.request(reqwest::Method::GET, &format!("/api/tickets?{query}"));
        let list = request
            .header("Min-Position", &position.to_string())
            .send()
            .await
            .good();
        let items = list.as_array().unwrap().iter();
        let tickets = items.map(|item| (item["id"].as_str().unwrap().to_owned(), item.clone()));
        Self {
            name,
            query,
            person: person.clone(),
            tickets: tickets.collect(),
            position,
        }
    }

    fn counts(&self) -> Value {
        let mut counts = json!({ "total": self.tickets.len(), "byStatus": {}, "byPriority": {} });
        for ticket in self.tickets.values() {
            for (numbers, field) in [("byStatus", "status"), ("byPriority", "priority")] {
                let number = &mut counts[numbers][ticket[field].as_str().unwrap()];
                *number = json!(number.as_i64().unwrap_or(0) + 1);
            }
        }
        counts
    }

    /// Takes in what was told since.
    fn keep(&mut self, socket: &SocketClient) {
        for args in socket.received("list:changed") {
            let position = args[1]["position"].as_i64().unwrap();
            if args[0]["list"] != self.name || position <= self.position {
                continue;
            }
            self.position = position;
            let (id, ticket) = (
                args[0]["id"].as_str().unwrap().to_owned(),
                args[0]["ticket"].clone(),
            );
            let was_there = match args[0]["change"].as_str().unwrap() {
                "left" => self.tickets.remove(&id).is_some(),
                "changed" => self.tickets.insert(id, ticket).is_some(),
                "entered" => self.tickets.insert(id, ticket).is_none(),
                other => panic!("{other}"),
            };
            assert!(
                was_there,
                "what changes or leaves was there, what enters was not: {args:?}"
            );
        }
    }

    /// What is kept is what would be fetched, and so are the numbers that were told last.
    async fn is_true(&mut self, socket: &SocketClient) {
        self.keep(socket);
        let fetched = Self::fetch(&self.person, self.name, self.query, 0).await;
        assert_eq!(self.tickets, fetched.tickets, "{}", self.name);
        wait::until("the numbers have come", async || {
            let told = socket.received("list:counts");
            let last = told.iter().rfind(|args| args[0]["list"] == self.name)?;
            (last[0]["counts"] == fetched.counts()).then_some(())
        })
        .await;
    }
}

/// Changes on the socket's lists so far: list, change, id.
fn changes(socket: &SocketClient) -> Vec<(String, String, String)> {
    let told = socket.received("list:changed").into_iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    told.map(|args| {
        (
            text(&args[0]["list"]),
            text(&args[0]["change"]),
            text(&args[0]["id"]),
        )
    })
    .collect()
}

fn path(ticket: &Value) -> String {
    format!("/api/tickets/{}", ticket["id"].as_str().unwrap())
}

/// A ticket of Ulla's enters, changes, leaves and comes back; another one is deleted.
async fn much_happens(ada: &Client, ulla: &Client, gone: &Value) -> Value {
    let ticket = ulla.new_ticket("The printer again").await;
    ulla.new_ticket("Something else").await;
    for wish in [
        json!({ "priority": "CRITICAL" }),
        json!({ "status": "CLOSED" }),
        json!({ "status": "WAITING" }),
        json!({ "title": "It is the scanner" }),
        json!({ "title": "It is the printer after all" }),
    ] {
        ada.patch(&path(&ticket), &wish).await.good();
    }
    let comments = format!("{}/comments", path(&ticket));
    let internal = json!({ "content": "canary-internal", "isInternal": true });
    ada.post(&comments, &internal).await.is(201);
    let public = json!({ "content": "Which tray?" });
    ada.post(&comments, &public).await.is(201);
    let attachments = format!("{}/attachments", path(&ticket));
    ulla.upload(&attachments, "tray.png", "image/png", PNG)
        .await
        .is(201);
    ada.delete(&path(gone)).await.good();
    ticket
}

#[tokio::test]
async fn a_list_that_is_kept_by_what_is_told_is_the_one_that_would_be_fetched() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let gone = ulla.new_ticket("An old printer").await;
    let (agent, owner) = (socket_of(&app, &ada).await, socket_of(&app, &ulla).await);
    let filters = json!({ "status": ["OPEN", "WAITING"], "q": "PRINT" });
    let mut printers = Shown::watch(&agent, &ada, "printers", &filters, "status=OPEN,WAITING&q=PRINT").await;
    let mut all = Shown::watch(&agent, &ada, "all", &json!({}), "").await;
    let mut own = Shown::watch(&owner, &ulla, "own", &json!({}), "").await;

    let ticket = much_happens(&ada, &ulla, &gone).await;
    caught_up(&agent, &ulla).await;
    caught_up(&owner, &ulla).await;
    // The mark enters the lists right after it is told of.
    drained(&agent).await;
    drained(&owner).await;
    let (id, gone) = (ticket["id"].as_str().unwrap(), gone["id"].as_str().unwrap());
    let of_printers: Vec<_> = changes(&agent)
        .into_iter()
        .filter(|(list, ..)| list == "printers")
        .map(|(_, change, id)| (change, id))
        .collect();
    let expected = [
        ("entered", id),
        ("changed", id),
        ("left", id),
        ("entered", id),
        ("left", id),
        ("entered", id),
        ("changed", id),
        ("changed", id),
        ("changed", id),
        ("left", gone),
    ];
    assert_eq!(
        of_printers,
        expected.map(|(change, id)| (change.to_owned(), id.to_owned()))
    );
    printers.is_true(&agent).await;
    all.is_true(&agent).await;
    own.is_true(&owner).await;

    // What is watched no longer is not told.
    let before = changes(&agent).len();
    for list in ["printers", "all"] {
        let answer = agent.ask("list:unwatch", json!([{ "list": list }])).await;
        assert_eq!(answer, [json!({ "ok": true })]);
    }
    ulla.patch(&path(&ticket), &json!({ "title": "A printer, once more" }))
        .await
        .good();
    caught_up(&agent, &ulla).await;
    drained(&agent).await;
    assert_eq!(changes(&agent).len(), before);
}

#[tokio::test]
async fn no_list_has_a_ticket_that_its_watcher_may_not_see() {
    let app = TestApp::new().await;
    let (ada, ulla, otto) = (
        app.admin("Ada").await,
        app.user("Ulla").await,
        app.user("Otto").await,
    );
    let gone = ulla.new_ticket("An old printer").await;
    let (owner, other) = (socket_of(&app, &ulla).await, socket_of(&app, &otto).await);
    let mut own = Shown::watch(&other, &otto, "own", &json!({}), "").await;
    for (list, filters) in [
        ("hers", json!({ "requester": ulla.id() })),
        ("printers", json!({ "q": "printer" })),
        ("unassigned", json!({ "assignee": "none" })),
    ] {
        let wish = json!([{ "list": list, "filters": filters, "ids": [gone["id"]] }]);
        let answer = other.ask("list:watch", wish).await;
        assert_eq!(answer[0]["counts"]["total"], 0, "{list}: {answer:?}");
    }
    owner.ask("list:watch", json!([{ "list": "own" }])).await;

    let ticket = much_happens(&ada, &ulla, &gone).await;
    caught_up(&owner, &ulla).await;
    caught_up(&other, &otto).await;
    drained(&owner).await;
    drained(&other).await;
    own.is_true(&other).await;
    let heard = json!(other.events()).to_string();
    for secret in [&ticket["id"], &gone["id"]] {
        assert!(!heard.contains(secret.as_str().unwrap()), "{heard}");
    }
    for counts in other.received("list:counts") {
        assert_ne!(counts[0]["list"], "hers", "it has no ticket, and never will");
    }
    // The owner's list tells her of all but the internal comment, which is no change to her.
    assert!(!json!(owner.events()).to_string().contains("canary-internal"));
    let of_ticket = changes(&owner).into_iter().filter(|(.., id)| ticket["id"] == *id);
    let mut expected = vec!["entered"];
    // Five fields, a public comment, an attachment.
    expected.extend(["changed"; 7]);
    assert_eq!(
        of_ticket.map(|(_, change, _)| change).collect::<Vec<_>>(),
        expected
    );
}

#[tokio::test]
async fn whoever_returns_is_told_what_their_list_became() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let gone = ulla.new_ticket("An old printer").await;
    for (person, name) in [(&ada, "all"), (&ulla, "own")] {
        let gone = if name == "all" {
            gone.clone()
        } else {
            ulla.new_ticket("A printer").await
        };
        let auth = json!({ "token": person.token(), "lists": [{ "list": name }] });
        let mut traveller = Traveller::with(&app, &auth).await;
        let welcome = &traveller.socket.received("welcome")[0][0];
        let position = welcome["lists"][0]["position"].as_i64().unwrap();
        let mut shown = Shown::fetch(person, name, "", position).await;
        assert_eq!(welcome["lists"][0]["counts"], shown.counts());

        traveller.leave().await;
        much_happens(&ada, &ulla, &gone).await;
        let welcome = traveller.come_back().await;
        caught_up(&traveller.socket, &ulla).await;
        drained(&traveller.socket).await;
        assert_eq!(welcome["lists"][0]["ok"], true, "{welcome}");
        let late = traveller.since("list:changed");
        let is_late = |args: &&Vec<Value>| args[1]["replayed"] == true;
        assert!(late.iter().filter(is_late).count() > 5, "{late:?}");
        shown.is_true(&traveller.socket).await;
    }
}

#[tokio::test]
async fn a_role_that_changes_makes_another_list_of_it() {
    let app = TestApp::new().await;
    let (ada, eve, ulla) = (
        app.admin("Ada").await,
        app.admin("Eve").await,
        app.user("Ulla").await,
    );
    let foreign = ulla.new_ticket("Somebody else's").await;
    eve.new_ticket("Eve's own").await;
    let socket = socket_of(&app, &eve).await;
    let all = Shown::watch(&socket, &eve, "all", &json!({}), "").await;
    assert_eq!(all.tickets.len(), 2);

    let users = format!("/api/admin/users/{}", eve.id());
    let demoted = ada
        .patch(&users, &json!({ "role": "USER" }))
        .await
        .is(200)
        .position();
    let resync = socket.expect("resync").await;
    assert_eq!(resync, [json!({ "position": demoted, "reason": "rights" })]);
    // She fetches it anew, as she is told to.
    let mut own = Shown::fetch(&eve, "all", "", demoted).await;
    assert_eq!(own.tickets.len(), 1);
    ada.patch(&path(&foreign), &json!({ "title": "canary, not for Eve" }))
        .await
        .good();
    caught_up(&socket, &eve).await;
    drained(&socket).await;
    own.is_true(&socket).await;
    assert!(!json!(socket.events()).to_string().contains("canary"));

    // And back: the foreign one is in it again.
    let promoted = ada
        .patch(&users, &json!({ "role": "ADMIN" }))
        .await
        .is(200)
        .position();
    let is_it = |args: &Vec<Value>| args[0] == json!({ "position": promoted, "reason": "rights" });
    socket.expect_where("resync", is_it).await;
    let mut all = Shown::fetch(&eve, "all", "", promoted).await;
    ada.patch(&path(&foreign), &json!({ "priority": "LOW" }))
        .await
        .good();
    caught_up(&socket, &ulla).await;
    drained(&socket).await;
    all.is_true(&socket).await;
    assert!(all.tickets.contains_key(foreign["id"].as_str().unwrap()));
}
