//! Lists that are kept by what clients are told, against those of the read model.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use domain::AccountId;
use domain::actor::Role;
use domain::ids::{AttachmentId, TicketId};
use domain::ticket::{
    Assigned, AttachmentAdded, Audience, Category, CategoryChanged, Deleted, MediaType, Priority,
    PriorityChanged, Sha256, Status, TicketEvent, TitleChanged, Unassigned, Visibility,
};
use projections::people::Directory;
use projections::tickets::{self, AssigneeFilter, Filter, Wanted};
use serde_json::{Value, json};
use tokio::time::Instant;
use wire::live::ListTallies;

use super::{projected, status, watch};
use crate::client::{Client, Received};
use crate::world::{PATIENCE, Person, World, id};

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
    let page = tickets::list(&pool, Wanted::newest(&filter, 200)).await.unwrap();
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
