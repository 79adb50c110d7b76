//! Lists that clients watch: they stay what the read model has, and nobody sees in them what they may not.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use domain::AccountId;
use domain::actor::Role;
use domain::ids::{AttachmentId, TicketId};
use domain::ticket::{
    Assigned, AttachmentAdded, Audience, Category, CategoryChanged, Deleted, MediaType, Priority,
    PriorityChanged, Sha256, Status, StatusChanged, TicketEvent, TitleChanged, Unassigned, Visibility,
};
use projections::people::Directory;
use projections::tickets::{self, AssigneeFilter, Filter};
use realtime::{Limit, Options};
use serde_json::{Value, json};
use tokio::time::Instant;
use wire::live::ListTallies;

use crate::client::{Client, Received};
use crate::world::{PATIENCE, Person, World, id, until};

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

async fn projected(world: &World) {
    let head = world.log.head().await.unwrap().position;
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
    assert_eq!(answer["position"], world.log.head().await.unwrap().position);

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

/// Random numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }
}

const TITLES: [&str; 4] = [
    "Printer on fire",
    "PRINTER out of paper",
    "Screen is dark",
    "50% of the _keys_",
];

fn some_event(dice: &mut Dice, people: &[Person]) -> TicketEvent {
    let person = people[dice.roll(people.len())].account;
    match dice.roll(10) {
        0 | 1 => status(dice.one_of(Status::ALL)),
        2 => TicketEvent::PriorityChanged(PriorityChanged {
            priority: dice.one_of(Priority::ALL),
        }),
        3 => TicketEvent::CategoryChanged(CategoryChanged {
            category: dice.one_of(Category::ALL),
        }),
        4 => TicketEvent::TitleChanged(TitleChanged {
            title: dice.one_of(&TITLES).parse().unwrap(),
        }),
        5 => TicketEvent::Assigned(Assigned { assignee: person }),
        6 => TicketEvent::Unassigned(Unassigned {}),
        7 => TicketEvent::AttachmentAdded(AttachmentAdded {
            attachment: AttachmentId::from_uuid(id()),
            uploader: person,
            file_name: "shot.png".parse().unwrap(),
            size: 7,
            media_type: MediaType::try_from("image/png".to_owned()).unwrap(),
            sha256: Sha256::try_from("ab".repeat(32)).unwrap(),
        }),
        8 => TicketEvent::Deleted(Deleted {}),
        _ => TicketEvent::CommentAdded(domain::ticket::CommentAdded {
            comment: domain::ids::CommentId::from_uuid(id()),
            author: person,
            body: "Said".parse().unwrap(),
            visibility: dice.one_of(Visibility::ALL),
        }),
    }
}

fn some_filter(dice: &mut Dice, people: &[Person]) -> (Filter, Value) {
    let mut filter = Filter::default();
    let mut said = json!({});
    if dice.roll(2) == 0 {
        filter.status = vec![dice.one_of(Status::ALL), dice.one_of(Status::ALL)];
        said["status"] = json!(filter.status);
    }
    if dice.roll(3) == 0 {
        filter.priority = vec![dice.one_of(Priority::ALL), dice.one_of(Priority::ALL)];
        said["priority"] = json!(filter.priority);
    }
    if dice.roll(4) == 0 {
        filter.category = vec![dice.one_of(Category::ALL), Category::Hardware];
        said["category"] = json!(filter.category);
    }
    let person = people[dice.roll(people.len())].account;
    match dice.roll(5) {
        0 => {
            filter.assignee = Some(AssigneeFilter::Unassigned);
            said["assignee"] = json!("none");
        }
        1 => {
            filter.assignee = Some(AssigneeFilter::Of(person));
            said["assignee"] = json!(person);
        }
        2 => {
            filter.requester = Some(person);
            said["requester"] = json!(person);
        }
        3 => {
            let part = dice.one_of(&["print", "KEYS_", "0%", "e"]);
            filter.title_part = Some(part.to_owned());
            said["q"] = json!(part);
        }
        _ => {}
    }
    (filter, said)
}

/// The list as the read model has it, item by item as `GET /api/tickets` shows them to this person.
async fn listed(
    world: &World,
    person: &Person,
    reads_all: bool,
    mut filter: Filter,
) -> BTreeMap<String, Value> {
    let pool = eventlog::pool(&world.config, 1).unwrap();
    let directory = Directory::start(&world.log, &pool).await.unwrap();
    if !reads_all {
        match filter.requester.replace(person.account) {
            Some(other) if other != person.account => return BTreeMap::new(),
            Some(_) | None => {}
        }
    }
    let audience = if reads_all {
        Audience::Agent
    } else {
        Audience::Requester
    };
    let page = tickets::list(&pool, &filter, None, 200).await.unwrap();
    assert!(page.next.is_none(), "one page is enough for this test");
    let shown = page.tickets.iter().map(|row| {
        let ticket = wire::Ticket::of(&row.ticket, row.version, audience, &People(&directory));
        (row.ticket.id.to_string(), serde_json::to_value(ticket).unwrap())
    });
    shown.collect()
}

struct People<'a>(&'a Directory);

impl wire::People for People<'_> {
    fn person(&self, id: AccountId) -> Option<std::sync::Arc<domain::Account>> {
        self.0.get(id)
    }
}

/// Takes what was told into the list that a client keeps.
fn keep(list: &mut BTreeMap<String, Value>, name: &str, received: &[Received]) {
    for received in received {
        if received.name != "list:changed" || received.object["list"] != name {
            continue;
        }
        let id = received.object["id"].as_str().unwrap().to_owned();
        match received.object["change"].as_str().unwrap() {
            "left" => assert!(list.remove(&id).is_some(), "what leaves was there"),
            "entered" => {
                let former = list.insert(id, received.object["ticket"].clone());
                assert_eq!(former, None, "what enters was not there");
            }
            _ => {
                let former = list.insert(id, received.object["ticket"].clone());
                assert!(former.is_some(), "what changes was there");
            }
        }
    }
}

/// A client and the lists that it keeps by what it is told.
struct Watcher {
    client: Client,
    person: Person,
    reads_all: bool,
    /// Their names, what they are of, the tickets, and the numbers that were answered at first.
    lists: Vec<(&'static str, Filter, BTreeMap<String, Value>, Value)>,
}

impl Watcher {
    async fn new(
        world: &World,
        person: &Person,
        reads_all: bool,
        dice: &mut Dice,
        people: &[Person],
    ) -> Self {
        let mut client = Client::connect(world, person).await;
        let mut lists = Vec::new();
        for name in ["first", "second", "third"] {
            let (filter, said) = some_filter(dice, people);
            let answer = watch(&mut client, name, &said).await;
            // The desk rests: this is what it was at the position of the answer.
            let list = listed(world, person, reads_all, filter.clone()).await;
            lists.push((name, filter, list, answer["counts"].clone()));
        }
        Self {
            client,
            person: person.clone(),
            reads_all,
            lists,
        }
    }

    async fn check(&mut self, world: &World, when: &str) {
        let told = self.client.everything().await;
        for (name, filter, list, _) in &mut self.lists {
            keep(list, name, &told);
            let expected = listed(world, &self.person, self.reads_all, filter.clone()).await;
            assert_eq!(*list, expected, "{when}: {filter:?}");
        }
        // The numbers that were moved by each event, against those of what is there.
        for (name, filter, list, answered) in &self.lists {
            let mut expected = ListTallies {
                total: i64::try_from(list.len()).unwrap(),
                ..ListTallies::default()
            };
            for ticket in list.values() {
                let said = |field: &str| ticket[field].as_str().unwrap().to_owned();
                *expected.by_status.entry(said("status")).or_default() += 1;
                *expected.by_priority.entry(said("priority")).or_default() += 1;
            }
            let expected = serde_json::to_value(expected).unwrap();
            let told = |signals: &VecDeque<(String, Value)>| {
                let of_list = signals.iter().rfind(|(_, counts)| counts["list"] == **name);
                of_list.map_or_else(|| answered.clone(), |(_, counts)| counts["counts"].clone())
            };
            let deadline = Instant::now() + PATIENCE;
            while told(&self.client.signals) != expected {
                assert!(
                    Instant::now() < deadline,
                    "{when}: {filter:?}: {:?}",
                    self.client.signals
                );
                tokio::time::sleep(Duration::from_millis(50)).await;
                self.client.everything().await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_kept_by_what_is_told_is_the_read_models_list_and_so_are_its_numbers() {
    let world = World::new().await;
    world.project().await;
    let mut people = vec![world.person("agent", Role::Admin).await];
    for name in ["owner", "other"] {
        people.push(world.person(name, Role::User).await);
    }
    let mut dice = Dice(7);
    let mut alive: Vec<TicketId> = Vec::new();
    for round in 0..5 {
        projected(&world).await;
        let mut watchers = Vec::new();
        for (place, person) in people.iter().enumerate() {
            watchers.push(Watcher::new(&world, person, place == 0, &mut dice, &people).await);
        }
        for _ in 0..60 {
            let person = people[dice.roll(people.len())].clone();
            if alive.is_empty() || dice.roll(5) == 0 {
                alive.push(world.ticket(&person, dice.one_of(&TITLES)).await);
                continue;
            }
            let place = dice.roll(alive.len());
            let event = some_event(&mut dice, &people);
            world.ticket_event(alive[place], &person, &event).await;
            if matches!(event, TicketEvent::Deleted(_)) {
                alive.swap_remove(place);
            }
        }
        projected(&world).await;
        for (place, watcher) in watchers.iter_mut().enumerate() {
            watcher
                .check(&world, &format!("round {round}, person {place}"))
                .await;
        }
        drop(watchers);
        world.until("all are gone", |stats| stats.sockets == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_lists_cost_little() {
    const WATCHERS: usize = 100;
    const LISTS: usize = 8;
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    projected(&world).await;
    let mut clients = Vec::new();
    for number in 0..WATCHERS {
        let mut client = Client::connect(&world, &agent).await;
        for list in 0..LISTS {
            // All different, and none of them finds anything.
            let filters = json!({ "q": format!("title {number} {list} of nothing") });
            watch(&mut client, &format!("list {list}"), &filters).await;
        }
        clients.push(client);
    }
    until("they are watched", || {
        world.realtime.stats().lists == WATCHERS * LISTS
    })
    .await;
    let ticket = world.ticket(&agent, "Printer is broken").await;
    world.settled().await;
    let began = Instant::now();
    for _ in 0..50 {
        world
            .comment(ticket, &agent, Visibility::Public, "Still broken")
            .await;
    }
    world.settled().await;
    let each = began.elapsed() / 50;
    println!(
        "{} different lists: {each:?} for an event, its append included",
        WATCHERS * LISTS
    );
    assert!(each < Duration::from_millis(100), "{each:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_returns_is_told_what_their_lists_became_meanwhile() {
    let world = World::new().await;
    world.project().await;
    let mut people = vec![world.person("agent", Role::Admin).await];
    people.push(world.person("owner", Role::User).await);
    let mut dice = Dice(11);
    let mut alive: Vec<TicketId> = Vec::new();
    for _ in 0..10 {
        alive.push(world.ticket(&people[1], dice.one_of(&TITLES)).await);
    }
    projected(&world).await;
    for (place, person) in people.iter().enumerate() {
        let (filter, said) = some_filter(&mut dice, &people);
        let mut client = Client::connect(&world, person).await;
        let answer = watch(&mut client, "mine", &said).await;
        let mut list = listed(&world, person, place == 0, filter.clone()).await;
        let mut position = answer["position"].as_i64().unwrap();
        for round in 0..4 {
            drop(client);
            for _ in 0..30 {
                let ticket = alive[dice.roll(alive.len())];
                let mut event = some_event(&mut dice, &people);
                if matches!(event, TicketEvent::Deleted(_)) {
                    event = status(Status::Open);
                }
                world.ticket_event(ticket, person, &event).await;
            }
            alive.push(world.ticket(person, dice.one_of(&TITLES)).await);
            projected(&world).await;
            let session = Client::open(&world, &[]).await.unwrap();
            let mut auth = person.auth();
            auth["position"] = json!(position);
            auth["lists"] = json!([{ "list": "mine", "filters": said }]);
            client = session.join_namespace(&auth).await.unwrap();
            let welcome = client.signal("welcome").await;
            assert_eq!(welcome["lists"][0]["ok"], true, "{welcome}");
            let caught_up = client.signal("caught-up").await;
            let told = client.everything().await;
            assert!(
                told.iter().all(|received| received.meta["replayed"] == true),
                "{told:?}"
            );
            // The position that was passed may come once more.
            let new: Vec<_> = told
                .into_iter()
                .filter(|received| received.meta["position"].as_i64().unwrap() > position)
                .collect();
            keep(&mut list, "mine", &new);
            let expected = listed(&world, person, place == 0, filter.clone()).await;
            assert_eq!(list, expected, "round {round}: {filter:?}");
            assert_eq!(welcome["lists"][0]["counts"]["total"], list.len());
            position = caught_up["position"].as_i64().unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_between_a_broadcast_and_its_change_of_a_list_loses_neither() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let ticket = world.ticket(&agent, "Printer is broken").await;
    projected(&world).await;
    let session = Client::open(&world, &[]).await.unwrap();
    let mut auth = agent.auth();
    // It saw the broadcast of the last event, and nothing more.
    auth["position"] = json!(world.log.head().await.unwrap().position);
    auth["lists"] = json!([{ "list": "all" }]);
    let mut client = session.join_namespace(&auth).await.unwrap();
    let told = client.everything().await;
    assert_eq!(told.len(), 1, "the broadcast is not told twice: {told:?}");
    assert_eq!(changes(&told), [("all", "entered", ticket.to_string().as_str())]);
}
