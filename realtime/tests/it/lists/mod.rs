//! Lists that clients watch: they stay what the read model has, and nobody sees in them what they may not.

mod kept;

use std::time::Duration;

use domain::actor::Role;
use domain::ticket::{Deleted, Status, StatusChanged, TicketEvent, Visibility};
use realtime::{Limit, Options};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::client::{Client, Received};
use crate::world::{PATIENCE, World, id};

fn status(status: Status) -> TicketEvent {
    TicketEvent::StatusChanged(StatusChanged { status })
}

/// What is said of changes at a glance.
fn changes(received: &[Received]) -> Vec<(&str, &str, &str)> {
    let lists = received.iter().filter(|received| received.name == "list:changed");
    lists
        .map(|received| {
            let said = |name: &str| received.object[name].as_str().unwrap();
            (said("list"), said("change"), said("id"))
        })
        .collect()
}

async fn watch(client: &mut Client, list: &str, filters: &Value) -> Value {
    let answer = client
        .ask("list:watch", &json!({ "list": list, "filters": filters }))
        .await;
    assert_eq!(answer["ok"], true, "{answer}");
    answer
}

pub(crate) async fn projected(world: &World) {
    let head = world.head().await;
    world.project().await.wait_for(head, PATIENCE).await.unwrap();
    world.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_told_what_enters_changes_and_leaves_it() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let owner = world.person("owner", Role::User).await;
    let before = world.ticket(&owner, "Printer is broken").await;
    projected(&world).await;
    let mut client = Client::connect(&world, &agent).await;
    let answer = watch(&mut client, "open", &json!({ "status": ["OPEN"], "q": "PRINT" })).await;
    assert_eq!(
        answer["counts"],
        json!({ "total": 1, "byStatus": { "OPEN": 1 }, "byPriority": { "MEDIUM": 1 } })
    );
    assert_eq!(answer["position"], world.head().await);

    let ticket = world.ticket(&owner, "The printer again").await;
    world.ticket(&owner, "Something else").await;
    world
        .comment(ticket, &agent, Visibility::Internal, "Do not tell")
        .await;
    world.ticket_event(ticket, &agent, &status(Status::Closed)).await;
    world.ticket_event(ticket, &agent, &status(Status::Open)).await;
    world
        .ticket_event(before, &agent, &TicketEvent::Deleted(Deleted {}))
        .await;
    world.settled().await;
    let everything = client.everything().await;
    let (ticket, before) = (ticket.to_string(), before.to_string());
    let expected = [
        ("open", "entered", ticket.as_str()),
        ("open", "changed", ticket.as_str()),
        ("open", "left", ticket.as_str()),
        ("open", "entered", ticket.as_str()),
        ("open", "left", before.as_str()),
    ];
    assert_eq!(changes(&everything), expected);
    let positions: Vec<_> = everything
        .iter()
        .map(|received| received.meta["position"].as_i64())
        .collect();
    assert!(
        positions.is_sorted(),
        "broadcasts and changes of lists are in log order: {positions:?}"
    );
    for received in everything
        .iter()
        .filter(|received| received.name == "list:changed")
    {
        let said: wire::live::ListChanged = serde_json::from_value(received.object.clone()).unwrap();
        assert_eq!(
            serde_json::to_value(&said).unwrap(),
            received.object,
            "it is what the protocol says"
        );
        assert_eq!(said.ticket.is_none(), said.change == wire::live::ListChange::Left);
    }
    let answer = client.ask("list:unwatch", &json!({ "list": "open" })).await;
    assert_eq!(answer, json!({ "ok": true }));
    world.ticket(&owner, "A printer once more").await;
    world.settled().await;
    assert!(changes(&client.everything().await).is_empty());
    world.until("nobody watches", |stats| stats.lists == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requester_sees_only_their_own_and_no_hint_of_internal_notes() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let owner = world.person("owner", Role::User).await;
    let other = world.person("other", Role::User).await;
    let own = world.ticket(&owner, "Printer is broken").await;
    let foreign = world.ticket(&other, "Printer is broken too").await;
    projected(&world).await;
    let mut client = Client::connect(&world, &owner).await;
    assert_eq!(watch(&mut client, "mine", &json!({})).await["counts"]["total"], 1);
    let foreigns = json!({ "requester": other.account });
    assert_eq!(
        watch(&mut client, "foreign", &foreigns).await["counts"]["total"],
        0
    );

    for ticket in [own, foreign] {
        world
            .comment(ticket, &agent, Visibility::Internal, "canary")
            .await;
        world
            .comment(ticket, &agent, Visibility::Public, "We look at it")
            .await;
        world
            .ticket_event(ticket, &agent, &status(Status::InProgress))
            .await;
    }
    world.settled().await;
    let everything = client.everything().await;
    let own = own.to_string();
    assert_eq!(
        changes(&everything),
        [
            ("mine", "changed", own.as_str()),
            ("mine", "changed", own.as_str())
        ],
        "the public comment and the status"
    );
    let told = format!("{everything:?} {:?}", client.signals);
    assert!(
        !told.contains("canary") && !told.contains(&foreign.to_string()),
        "{told}"
    );
    let comments = everything
        .iter()
        .filter(|received| received.name == "list:changed");
    let comments: Vec<_> = comments
        .map(|received| &received.object["ticket"]["_count"]["comments"])
        .collect();
    assert_eq!(comments, [1, 1], "the internal note does not count");
    let counts = client.signal("list:counts").await;
    assert_eq!(
        (&counts["list"], &counts["counts"]["total"]),
        (&json!("mine"), &json!(1))
    );
    assert_eq!(counts["counts"]["byStatus"], json!({ "IN_PROGRESS": 1 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_follow_within_a_second_or_so_and_are_not_told_more_often() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    world.ticket(&agent, "Printer is broken").await;
    projected(&world).await;
    let mut client = Client::connect(&world, &agent).await;
    watch(&mut client, "all", &json!({})).await;
    let began = Instant::now();
    let mut appended = 1;
    let (mut times, mut last) = (Vec::new(), Value::Null);
    while began.elapsed() < Duration::from_millis(2_500) {
        world.ticket(&agent, "Printer is broken").await;
        appended += 1;
        if appended % 10 == 0 {
            client.everything().await;
            for counts in client.signals_so_far("list:counts") {
                times.push(began.elapsed());
                last = counts;
            }
        }
    }
    while last["counts"]["total"] != appended {
        last = client.signal("list:counts").await;
        times.push(began.elapsed());
    }
    assert!(times.len() >= 2, "{times:?}");
    let seconds = times.last().unwrap().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let told = times.len() as f64;
    assert!(told <= seconds + 2.0, "at most one a second: {times:?}");
    world.settled().await;
    client.everything().await;
    let more = client.signals_so_far("list:counts");
    assert!(more.is_empty(), "what has not changed is not told");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_watched_is_refused_and_said_why() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let operator = world.person("operator", Role::Operator).await;
    projected(&world).await;
    let mut client = Client::connect(&world, &agent).await;
    for (said, error) in [
        (json!(7), "bad request: "),
        (json!({ "filters": {} }), "bad request: "),
        (
            json!({ "list": "" }),
            "bad request: list must have 1 to 40 characters",
        ),
        (
            json!({ "list": "l", "filters": { "status": ["DONE"] } }),
            "bad request: ",
        ),
        (
            json!({ "list": "l", "filters": { "assignee": "nobody" } }),
            "bad request: assignee",
        ),
        (
            json!({ "list": "l", "filters": { "q": "a\u{0}b" } }),
            "bad request: q must not",
        ),
        (json!({ "list": "l", "ids": vec![id(); 201] }), "bad request: ids"),
        (json!({ "list": "l", "more": 1 }), "bad request: "),
    ] {
        let answer = client.ask("list:watch", &said).await;
        assert_eq!(answer["ok"], false, "{said}");
        assert!(
            answer["error"].as_str().unwrap().starts_with(error),
            "{said}: {answer}"
        );
    }
    for number in 0..8 {
        watch(&mut client, &format!("list {number}"), &json!({})).await;
    }
    watch(&mut client, "list 0", &json!({ "status": ["OPEN"] })).await;
    let answer = client.ask("list:watch", &json!({ "list": "one more" })).await;
    assert_eq!(
        answer,
        json!({ "ok": false, "error": "limited", "limit": "lists-per-socket", "retryAfterMs": 1_000 })
    );
    let index = Limit::ALL
        .iter()
        .position(|limit| *limit == Limit::ListsPerSocket)
        .unwrap();
    assert_eq!(world.realtime.stats().limited[index], 1);
    assert_eq!(world.realtime.stats().lists, 2, "the same list is kept once");
    let mut client = Client::connect(&world, &operator).await;
    let answer = client.ask("list:watch", &json!({ "list": "l" })).await;
    assert_eq!(answer, json!({ "ok": false, "error": "not permitted" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_model_that_is_far_behind_makes_a_list_unavailable_and_comes_back() {
    let options = Options {
        patience: Duration::from_millis(300),
        ..Options::default()
    };
    let world = World::with(options).await;
    let agent = world.person("agent", Role::Admin).await;
    world.ticket(&agent, "Printer is broken").await;
    world.settled().await;
    let mut client = Client::connect(&world, &agent).await;
    let answer = client.ask("list:watch", &json!({ "list": "all" })).await;
    assert_eq!(
        answer,
        json!({ "ok": false, "error": "unavailable" }),
        "nobody projects yet"
    );
    projected(&world).await;
    assert_eq!(watch(&mut client, "all", &json!({})).await["counts"]["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_counted_takes_no_later_one_of_its_name_away() {
    let options = Options {
        patience: Duration::from_secs(1),
        ..Options::default()
    };
    let world = World::with(options).await;
    let person = world.person("person", Role::User).await;
    let other = world.person("other", Role::User).await;
    world.ticket(&person, "Printer is broken").await;
    world.settled().await;
    let mut client = Client::connect(&world, &person).await;
    // How titles are compared is known from now on, and nobody projects yet.
    let refused = client.ask("list:watch", &json!({ "list": "first" })).await;
    assert_eq!(refused["error"], "unavailable");
    client.send("42999[\"list:watch\",{\"list\":\"mine\"}]").await;
    // Nothing is in it that they may read, so nothing is counted.
    watch(&mut client, "mine", &json!({ "requester": other.account })).await;
    while !client.packet().await.unwrap().starts_with("43999[{\"ok\":false") {}
    let position = world.change_role(&person, Role::Admin).await;
    assert_eq!(
        client.signal("resync").await,
        json!({ "position": position, "reason": "rights" }),
        "the later one is watched"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_wishes_of_a_list_is_done_in_its_order() {
    const ROUNDS: usize = 40;
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    world.ticket(&agent, "Printer is broken").await;
    projected(&world).await;
    let mut client = Client::connect(&world, &agent).await;
    watch(&mut client, "first", &json!({})).await;
    client.ask("list:unwatch", &json!({ "list": "first" })).await;
    for round in 0..ROUNDS {
        let number = 1_000 + 2 * round;
        let watch = json!(["list:watch", { "list": "mine", "filters": { "status": ["OPEN"] } }]);
        let unwatch = json!(["list:unwatch", { "list": "mine" }]);
        client.send(&format!("42{number}{watch}")).await;
        client.send(&format!("42{}{unwatch}", number + 1)).await;
    }
    let mut answers = 0;
    while answers < 2 * ROUNDS {
        answers += usize::from(client.packet().await.unwrap().starts_with("431"));
    }
    assert_eq!(world.realtime.stats().lists, 0, "it is watched no longer");
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_change_make_another_list_of_it() {
    let world = World::new().await;
    let person = world.person("person", Role::Admin).await;
    let other = world.person("other", Role::User).await;
    let own = world.ticket(&person, "Printer is broken").await;
    let foreign = world.ticket(&other, "Printer is broken").await;
    projected(&world).await;
    let mut client = Client::connect(&world, &person).await;
    assert_eq!(watch(&mut client, "all", &json!({})).await["counts"]["total"], 2);

    let position = world.change_role(&person, Role::User).await;
    assert_eq!(
        client.signal("resync").await,
        json!({ "position": position, "reason": "rights" })
    );
    assert_eq!(client.signal("list:counts").await["counts"]["total"], 1);
    for ticket in [own, foreign] {
        world.ticket_event(ticket, &other, &status(Status::Waiting)).await;
    }
    world.settled().await;
    let own = own.to_string();
    assert_eq!(
        changes(&client.everything().await),
        [("all", "changed", own.as_str())]
    );
    client.signals.clear();

    world.change_role(&person, Role::Operator).await;
    client.signal("resync").await;
    world.until("it watches nothing", |stats| stats.lists == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_between_a_broadcast_and_its_change_of_a_list_loses_neither() {
    let (world, agent, ticket) = World::with_ticket(Options::default()).await;
    projected(&world).await;
    let session = Client::open(&world, &[]).await.unwrap();
    let mut auth = agent.auth();
    // It saw the broadcast of the last event, and nothing more.
    auth["position"] = json!(world.head().await);
    auth["lists"] = json!([{ "list": "all" }]);
    let mut client = session.join_namespace(&auth).await.unwrap();
    client.signal("caught-up").await;
    let told = client.everything().await;
    assert_eq!(told.len(), 1, "the broadcast is not told twice: {told:?}");
    assert_eq!(changes(&told), [("all", "entered", ticket.to_string().as_str())]);
}
