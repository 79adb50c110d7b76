//! How everything was at every position, beside a plain fold of the log up to there.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::codec::decode_ticket;
use domain::ticket::{Attachment, Comment, Ticket, evolve};
use domain::{AccountId, TicketId};
use eventlog::{Position, RecordedEvent, StreamId};
use projections::history::{self, AsOf, Recorded, Stream, TicketAsOf, Whose};
use projections::tickets::{self, Count, Cursor, Filter, Page, Scope, Sort, TicketRow, Wanted};
use uuid::Uuid;

use crate::history::{Desk, Dice, created};
use crate::queries::{fits, in_order, some_filter};
use crate::world::{JumpyClock, World, eventually, id, log_by};

/// A ticket as a plain fold has it.
#[derive(Clone, Default)]
struct Plain {
    ticket: Option<Ticket>,
    version: i64,
    position: Position,
    comments: Vec<Comment>,
    attachments: Vec<Attachment>,
}

impl Plain {
    fn take(&mut self, event: &RecordedEvent) {
        let happened = decode_ticket(&event.event_type, event.schema_version, &event.payload).unwrap();
        let id = TicketId::from_uuid(event.stream.id);
        self.ticket = evolve(self.ticket.take(), &happened, event.recorded_at);
        (self.version, self.position) = (event.version, event.position);
        self.comments
            .extend(Comment::of(id, &happened, event.recorded_at));
        if let Some(attachment) = Attachment::of(id, &happened, event.recorded_at) {
            self.attachments.insert(0, attachment);
        }
    }

    fn row(&self) -> Option<TicketRow> {
        self.ticket.clone().map(|ticket| TicketRow {
            ticket,
            version: self.version,
            position: self.position,
        })
    }
}

/// A log with a past, its events, and the read models of it.
async fn world(seed: u64, jumpy: bool, commands: usize) -> (World, Vec<Arc<RecordedEvent>>) {
    let mut world = World::new().await;
    if jumpy {
        world.log = log_by(&world.config, Arc::new(JumpyClock::default())).await;
    }
    let projections = world.projections().await;
    Desk::new(seed).live(&world, commands).await;
    world.caught_up(&projections).await;
    projections.stop().await;
    let events = world.log.read_all(0, 100_000).await.unwrap();
    (world, events)
}

/// The rows that fit, in this order, without those that were deleted by then, or since if `hidden` says so.
fn listed(
    plain: &HashMap<Uuid, Plain>,
    hidden: &HashSet<Uuid>,
    filter: &Filter,
    sort: Sort,
) -> Vec<TicketRow> {
    let mut rows: Vec<TicketRow> = plain.values().filter_map(Plain::row).collect();
    rows.retain(|row| {
        !row.ticket.deleted && !hidden.contains(&row.ticket.id.as_uuid()) && fits(&row.ticket, filter)
    });
    rows.sort_by(|one, other| in_order(sort, &one.ticket, &other.ticket));
    rows
}

async fn everything(world: &World, as_of: AsOf, filter: &Filter, sort: Sort, limit: usize) -> Vec<TicketRow> {
    let mut found = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let wanted = Wanted {
            filter,
            sort,
            after,
            limit,
        };
        let Page { tickets, next } = history::list(&world.pool, as_of, wanted).await.unwrap();
        found.extend(tickets);
        let Some(next) = next else { return found };
        after = Some(next.to_string().parse().unwrap());
    }
}

fn counted<'a>(rows: impl IntoIterator<Item = &'a TicketRow>) -> Vec<Count> {
    let mut counts: HashMap<_, Count> = HashMap::new();
    for TicketRow { ticket, .. } in rows {
        let kind = (ticket.status, ticket.priority, ticket.category);
        let count = counts.entry(kind).or_insert(Count {
            status: ticket.status,
            priority: ticket.priority,
            category: ticket.category,
            tickets: 0,
            resolved: 0,
            resolution_ms: 0,
        });
        count.tickets += 1;
        if let Some(at) = ticket.resolved_at {
            count.resolved += 1;
            count.resolution_ms += at.millis_since(ticket.created_at);
        }
    }
    sorted(counts.into_values().collect())
}

fn sorted(mut counts: Vec<Count>) -> Vec<Count> {
    counts.sort_by_key(|count| (count.status, count.priority, count.category));
    counts
}

async fn at_every_position(seed: u64, jumpy: bool) {
    let (world, events) = world(seed, jumpy, 420).await;
    let deleted: HashSet<Uuid> = events
        .iter()
        .filter(|event| event.event_type == "TicketDeleted")
        .map(|event| event.stream.id)
        .collect();
    assert!(deleted.len() > 2, "some are deleted");
    let mut plain: HashMap<Uuid, Plain> = HashMap::new();
    let mut dice = Dice::new(seed);
    for position in 0..=events.last().unwrap().position {
        let event = events.iter().find(|event| event.position == position);
        if let Some(event) = event.filter(|event| &*event.stream.category == "ticket") {
            plain.entry(event.stream.id).or_default().take(event);
        }
        let deleted_since = dice.roll(2) == 0;
        let hidden = if deleted_since {
            HashSet::new()
        } else {
            deleted.clone()
        };
        let as_of = AsOf {
            position,
            deleted_since,
        };
        let all = listed(&plain, &hidden, &Filter::default(), Sort::Newest);
        assert_eq!(
            everything(
                &world,
                as_of,
                &Filter::default(),
                Sort::Newest,
                tickets::LIST_LIMIT_MAX
            )
            .await,
            all,
            "at {position}"
        );
        if let Some(some) = (!all.is_empty()).then(|| &all[dice.roll(all.len())].ticket) {
            let filter = some_filter(&mut dice, some);
            let limit = [1, 7, tickets::LIST_LIMIT_MAX][dice.roll(3)];
            let sort = dice.one_of(Sort::ALL);
            assert_eq!(
                everything(&world, as_of, &filter, sort, limit).await,
                listed(&plain, &hidden, &filter, sort),
                "at {position}, limit {limit}, {sort}: {filter:?}"
            );
        }
        let person = all
            .iter()
            .find_map(|row| row.ticket.assignee)
            .unwrap_or(AccountId::from_uuid(id()));
        assert_figures(&world, as_of, person, &all).await;
    }
    at_the_head_it_is_as_today(&world, events.last().unwrap().position).await;
}

async fn assert_figures(world: &World, as_of: AsOf, person: AccountId, all: &[TicketRow]) {
    let found = history::figures(&world.pool, as_of, Whose::All(person))
        .await
        .unwrap();
    let unassigned = all.iter().filter(|row| row.ticket.assignee.is_none());
    let assigned = all.iter().filter(|row| row.ticket.assignee == Some(person));
    assert_eq!(sorted(found.readable), counted(all), "{as_of:?}");
    assert_eq!(sorted(found.unassigned), counted(unassigned), "{as_of:?}");
    assert_eq!(sorted(found.assigned), counted(assigned), "{as_of:?}");
    let found = history::figures(&world.pool, as_of, Whose::Requester(person))
        .await
        .unwrap();
    let own = all.iter().filter(|row| row.ticket.requester == person);
    assert_eq!(sorted(found.readable), counted(own), "{as_of:?}");
    assert_eq!((found.unassigned, found.assigned), (vec![], vec![]));
}

async fn at_the_head_it_is_as_today(world: &World, position: Position) {
    for deleted_since in [true, false] {
        let as_of = AsOf {
            position,
            deleted_since,
        };
        let all = Filter::default();
        for sort in Sort::ALL {
            let wanted = Wanted {
                sort: *sort,
                ..Wanted::newest(&all, 200)
            };
            let today = tickets::list(&world.pool, wanted).await.unwrap();
            let then = history::list(&world.pool, as_of, wanted).await.unwrap();
            assert_eq!(then, today, "{sort}");
        }
        let today = Wanted::newest(&all, 200);
        let today = tickets::list(&world.pool, today).await.unwrap();
        let person = today.tickets[0].ticket.requester;
        let own = Filter {
            requester: Some(person),
            ..Filter::default()
        };
        let own = Wanted::newest(&own, 3);
        assert_eq!(
            history::list(&world.pool, as_of, own).await.unwrap(),
            tickets::list(&world.pool, own).await.unwrap()
        );
        let counts = async |scope| sorted(tickets::counts(&world.pool, scope).await.unwrap());
        let all = history::figures(&world.pool, as_of, Whose::All(person))
            .await
            .unwrap();
        assert_eq!(sorted(all.readable), counts(Scope::All).await);
        assert_eq!(sorted(all.unassigned), counts(Scope::Unassigned).await);
        assert_eq!(sorted(all.assigned), counts(Scope::Assignee(person)).await);
        let own = history::figures(&world.pool, as_of, Whose::Requester(person))
            .await
            .unwrap();
        assert_eq!(sorted(own.readable), counts(Scope::Requester(person)).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_and_figures_at_every_position_are_those_of_a_plain_fold() {
    at_every_position(31, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn and_so_they_are_where_the_clock_was_set_back_again_and_again() {
    at_every_position(32, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_as_of_a_position_has_the_comments_and_attachments_of_then() {
    let (world, events) = world(33, true, 250).await;
    let mut plain: HashMap<Uuid, Plain> = HashMap::new();
    for event in events.iter().filter(|event| &*event.stream.category == "ticket") {
        let id = TicketId::from_uuid(event.stream.id);
        let before = TicketAsOf::read(&world.log, id, event.position - 1)
            .await
            .unwrap();
        let known = plain.get(&event.stream.id).and_then(Plain::row);
        assert_eq!(before.map(|then| then.ticket), known.map(|row| row.ticket));
        let plain = plain.entry(event.stream.id).or_default();
        plain.take(event);
        let then = TicketAsOf::read(&world.log, id, event.position)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(Some(then.ticket), plain.ticket);
        assert_eq!((then.version, then.position), (plain.version, plain.position));
        assert_eq!(
            (&then.comments, &then.attachments),
            (&plain.comments, &plain.attachments)
        );
    }
    let nobody = TicketAsOf::read(&world.log, TicketId::from_uuid(id()), Position::MAX).await;
    assert_eq!(nobody.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_stream_is_told_whole_and_in_order_whatever_it_is_read_in() {
    let world = World::new().await;
    let stream = StreamId::new("ticket", id());
    let mut version = 0;
    let begun = created(&stream, AccountId::from_uuid(id()), "A long story");
    world.append(stream.clone(), version, begun).await;
    version += 1;
    for _ in 0..9 {
        let said: Vec<_> = (0..83)
            .map(|number| {
                let said = domain::ticket::CommentAdded {
                    comment: domain::CommentId::from_uuid(id()),
                    author: AccountId::from_uuid(id()),
                    body: format!("Word {number}").parse().unwrap(),
                    visibility: domain::ticket::Visibility::Public,
                };
                domain::TicketEvent::CommentAdded(said)
            })
            .collect();
        world
            .append(stream.clone(), version, crate::history::encoded(&said))
            .await;
        version += 83;
    }
    let id = TicketId::from_uuid(stream.id);
    for until in [0, 1, 2, 249, 250, 251, 500, 748, Position::MAX] {
        let mut told = Stream::new(&world.log, id, until);
        let mut steps: Vec<Recorded> = Vec::new();
        while let Some(step) = told.next().await.unwrap() {
            steps.push(step);
        }
        let expected = until.min(748);
        assert_eq!(i64::try_from(steps.len()).unwrap(), expected, "until {until}");
        for (step, number) in steps.iter().zip(1..) {
            assert_eq!((step.version, step.position), (number, number));
        }
        for pair in steps.windows(2) {
            assert_eq!(pair[0].step.after, pair[1].step.before);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_between_two_moments_of_the_desk_is_told_once_for_each_ticket() {
    let (world, events) = world(34, true, 300).await;
    let head = events.last().unwrap().position;
    let mut dice = Dice::new(34);
    let upto = |until: Position| {
        let mut plain: HashMap<Uuid, Plain> = HashMap::new();
        for event in events.iter().filter(|event| event.position <= until) {
            if &*event.stream.category == "ticket" {
                plain.entry(event.stream.id).or_default().take(event);
            }
        }
        plain
    };
    let there = |plain: &HashMap<Uuid, Plain>, id| {
        let row = plain.get(&id).and_then(Plain::row);
        row.filter(|row| !row.ticket.deleted)
    };
    for _ in 0..25 {
        let from = i64::try_from(dice.roll(usize::try_from(head).unwrap())).unwrap();
        let to = from + i64::try_from(dice.roll(usize::try_from(head - from).unwrap() + 1)).unwrap();
        let (before, after) = (upto(from), upto(to));
        let mut seen = HashSet::new();
        let expected: Vec<_> = events
            .iter()
            .filter(|event| (from + 1..=to).contains(&event.position))
            .filter(|event| &*event.stream.category == "ticket" && seen.insert(event.stream.id))
            .map(|event| (event.stream.id, event.position))
            .collect();
        let mut found = Vec::new();
        let mut next = None;
        loop {
            let page = history::differences(&world.pool, (from, to), next, 9)
                .await
                .unwrap();
            assert!(page.tickets.len() <= 9);
            found.extend(page.tickets);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        let places: Vec<_> = found
            .iter()
            .map(|difference| (difference.ticket.as_uuid(), difference.first_position))
            .collect();
        assert_eq!(places, expected, "from {from} to {to}");
        for difference in found {
            let id = difference.ticket.as_uuid();
            assert_eq!(difference.before, there(&before, id));
            assert_eq!(difference.after, there(&after, id));
            let title = after[&id].ticket.as_ref().unwrap().title.as_str();
            assert_eq!(difference.title, title);
        }
    }
}

/// A ticket that begins where it stood in the log, but is applied after later ones that began earlier by the clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_whose_beginning_was_parked_is_where_it_belongs_after_a_retry() {
    let mut world = World::new().await;
    world.log = log_by(&world.config, Arc::new(JumpyClock::default())).await;
    let projections = world.projections().await;
    let mut streams = Vec::new();
    for place in 1..=12 {
        let stream = StreamId::new("ticket", id());
        if place == 4 {
            let sql = format!(
                "ALTER TABLE read_history.counters ADD CHECK (id <> '{}')",
                stream.id
            );
            world.admin.batch_execute(&sql).await.unwrap();
        }
        let begun = created(&stream, AccountId::from_uuid(id()), "Printer on fire");
        world.append(stream.clone(), 0, begun).await;
        world.caught_up(&projections).await;
        streams.push(stream.id);
    }
    let parked = async || {
        let stored = projections.engine().status().await.unwrap();
        stored.iter().map(|status| status.parked.len()).sum::<usize>()
    };
    eventually("it is parked", || async { (parked().await == 1).then_some(()) }).await;
    world
        .admin
        .batch_execute("ALTER TABLE read_history.counters DROP CONSTRAINT counters_id_check")
        .await
        .unwrap();
    projections.engine().retry("history", streams[3]).await.unwrap();
    for position in 0..=12 {
        let as_of = AsOf {
            position,
            deleted_since: true,
        };
        let found = everything(&world, as_of, &Filter::default(), Sort::Newest, 5).await;
        assert_eq!(i64::try_from(found.len()).unwrap(), position);
    }
    world
        .assert_equals_a_fresh_fold(projections.engine(), "history")
        .await;
    projections.stop().await;
}
