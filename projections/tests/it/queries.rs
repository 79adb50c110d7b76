//! What the queries find, beside a plain look through everything.

use std::cmp::Ordering;
use std::collections::HashMap;

use domain::ticket::{Category, Priority, Status};
use domain::{AccountId, Role, Ticket, TicketId};
use projections::people::{self, Order};
use projections::tickets::{self, AssigneeFilter, Cursor, Filter, Page, Scope, Sort, Wanted};

use crate::history::{Desk, Dice, created};
use crate::world::{World, id};

/// A desk with a past, and all its tickets that are not deleted, newest first.
pub(crate) async fn world() -> (World, Vec<Ticket>) {
    let world = World::new().await;
    Desk::new(21).live(&world, 1500).await;
    let projections = world.projections().await;
    world.caught_up(&projections).await;
    projections.stop().await;
    let mut all = Vec::new();
    for row in world
        .admin
        .query("SELECT id FROM read_tickets.tickets", &[])
        .await
        .unwrap()
    {
        let id = TicketId::from_uuid(row.get(0));
        all.push(tickets::get(&world.pool, id).await.unwrap().unwrap().ticket);
    }
    assert!(all.iter().any(|ticket| ticket.deleted), "some are deleted");
    all.retain(|ticket| !ticket.deleted);
    all.sort_by_key(|ticket| std::cmp::Reverse((ticket.created_at, ticket.id)));
    assert!(all.len() > 100, "{}", all.len());
    (world, all)
}

pub(crate) async fn everything(world: &World, filter: &Filter, limit: usize) -> Vec<Ticket> {
    everything_by(world, filter, Sort::Newest, limit).await
}

async fn everything_by(world: &World, filter: &Filter, sort: Sort, limit: usize) -> Vec<Ticket> {
    let mut found = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let wanted = Wanted {
            filter,
            sort,
            after,
            limit,
        };
        let Page { tickets, next } = tickets::list(&world.pool, wanted).await.unwrap();
        assert!(tickets.len() <= limit);
        found.extend(tickets.into_iter().map(|row| row.ticket));
        let Some(next) = next else { return found };
        after = Some(next.to_string().parse().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_has_what_its_filter_says_in_order_and_once_whatever_the_page_size() {
    let (world, all) = world().await;
    let mut dice = Dice::new(3);
    for round in 0..120 {
        let some = &all[dice.roll(all.len())];
        let filter = some_filter(&mut dice, some);
        let sort = dice.one_of(Sort::ALL);
        let mut expected: Vec<Ticket> = all
            .iter()
            .filter(|ticket| fits(ticket, &filter))
            .cloned()
            .collect();
        expected.sort_by(|one, other| in_order(sort, one, other));
        let limit = [1, 7, 50, tickets::LIST_LIMIT_MAX][dice.roll(4)];
        let found = everything_by(&world, &filter, sort, limit).await;
        assert_eq!(
            found, expected,
            "round {round}, limit {limit}, {sort}: {filter:?}"
        );
    }
}

/// Which of two tickets comes first.
pub(crate) fn in_order(sort: Sort, one: &Ticket, other: &Ticket) -> Ordering {
    let began = |ticket: &Ticket| (ticket.created_at, ticket.id);
    let changed = |ticket: &Ticket| (ticket.updated_at, ticket.id);
    match sort {
        Sort::Newest => began(other).cmp(&began(one)),
        Sort::Oldest => began(one).cmp(&began(other)),
        Sort::Updated => changed(other).cmp(&changed(one)),
        Sort::Priority => (other.priority, began(other)).cmp(&(one.priority, began(one))),
    }
}

/// A filter that `some` ticket may fit.
pub(crate) fn some_filter(dice: &mut Dice, some: &Ticket) -> Filter {
    let mut filter = Filter::default();
    if dice.roll(2) == 0 {
        filter.status = vec![dice.one_of(Status::ALL), dice.one_of(Status::ALL)];
    }
    if dice.roll(3) == 0 {
        filter.priority = vec![dice.one_of(Priority::ALL), dice.one_of(Priority::ALL)];
    }
    if dice.roll(3) == 0 {
        filter.category = vec![
            dice.one_of(Category::ALL),
            dice.one_of(Category::ALL),
            Category::Other,
        ];
    }
    match dice.roll(6) {
        0 => filter.assignee = Some(AssigneeFilter::Unassigned),
        1 => filter.assignee = some.assignee.map(AssigneeFilter::Of),
        2 => filter.requester = Some(some.requester),
        3 => filter.title_part = Some(some.title.as_str()[3..12].to_uppercase()),
        _ => {}
    }
    filter
}

pub(crate) fn fits(ticket: &Ticket, filter: &Filter) -> bool {
    let any = |empty: bool, contained: bool| empty || contained;
    any(filter.status.is_empty(), filter.status.contains(&ticket.status))
        && any(
            filter.priority.is_empty(),
            filter.priority.contains(&ticket.priority),
        )
        && any(
            filter.category.is_empty(),
            filter.category.contains(&ticket.category),
        )
        && filter
            .requester
            .is_none_or(|requester| requester == ticket.requester)
        && match filter.assignee {
            None => true,
            Some(AssigneeFilter::Unassigned) => ticket.assignee.is_none(),
            Some(AssigneeFilter::Of(id)) => ticket.assignee == Some(id),
        }
        && filter.title_part.as_ref().is_none_or(|part| {
            ticket
                .title
                .as_str()
                .to_lowercase()
                .contains(&part.to_lowercase())
        })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_takes_wildcards_and_quotes_as_they_are() {
    let world = World::new().await;
    let projections = world.projections().await;
    for title in [
        "100% sure it is",
        "100 percent sure",
        "under_score here",
        "a\\slash b",
        "it's; DROP TABLE",
    ] {
        let stream = eventlog::StreamId::new("ticket", id());
        world
            .append(
                stream.clone(),
                0,
                created(&stream, AccountId::from_uuid(id()), title),
            )
            .await;
    }
    world.caught_up(&projections).await;
    let cases = [
        ("0% S", 1),
        ("R_S", 1),
        ("\\S", 1),
        ("'s; dr", 1),
        ("%", 1),
        ("sure", 2),
        ("", 5),
        ("nothing", 0),
    ];
    for (part, count) in cases {
        let filter = Filter {
            title_part: Some(part.to_owned()),
            ..Filter::default()
        };
        assert_eq!(everything(&world, &filter, 50).await.len(), count, "{part}");
    }
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_are_those_of_the_tickets() {
    let (world, all) = world().await;
    let some = &all[all.len() / 2];
    let agent = all.iter().find_map(|ticket| ticket.assignee).unwrap();
    let scopes = [
        Scope::All,
        Scope::Unassigned,
        Scope::Requester(some.requester),
        Scope::Assignee(agent),
    ];
    for scope in scopes {
        let within = |ticket: &&Ticket| match scope {
            Scope::All => true,
            Scope::Unassigned => ticket.assignee.is_none(),
            Scope::Requester(id) => ticket.requester == id,
            Scope::Assignee(id) => ticket.assignee == Some(id),
        };
        let mut expected: HashMap<_, (u64, u64, i64)> = HashMap::new();
        for ticket in all.iter().filter(within) {
            let count = expected
                .entry((ticket.status, ticket.priority, ticket.category))
                .or_default();
            count.0 += 1;
            if let Some(resolved_at) = ticket.resolved_at {
                count.1 += 1;
                count.2 += resolved_at.millis_since(ticket.created_at);
            }
        }
        let counted = tickets::counts(&world.pool, scope).await.unwrap();
        assert_eq!(counted.len(), expected.len(), "{scope:?}");
        for count in counted {
            let found = (count.tickets, count.resolved, count.resolution_ms);
            assert_eq!(
                found,
                expected[&(count.status, count.priority, count.category)],
                "{scope:?} {count:?}"
            );
        }
    }
    let totals = tickets::totals(&world.pool, &[some.requester, agent])
        .await
        .unwrap();
    let requested = all
        .iter()
        .filter(|ticket| ticket.requester == some.requester)
        .count() as u64;
    let assigned = all.iter().filter(|ticket| ticket.assignee == Some(agent)).count() as u64;
    assert_eq!(totals[&some.requester].requested, requested);
    assert_eq!(totals[&agent].assigned, assigned);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn comments_come_oldest_first_and_attachments_newest_first() {
    let (world, all) = world().await;
    let mut seen = (0, 0);
    for ticket in &all {
        let comments = tickets::comments(&world.pool, ticket.id).await.unwrap();
        assert_eq!(
            comments.len(),
            (ticket.public_comments + ticket.internal_comments) as usize
        );
        assert!(comments.is_sorted_by_key(|comment| comment.created_at));
        let attachments = tickets::attachments(&world.pool, ticket.id).await.unwrap();
        assert_eq!(attachments.len(), ticket.attachments as usize);
        assert!(attachments.is_sorted_by_key(|attachment| std::cmp::Reverse(attachment.created_at)));
        assert_eq!(
            attachments.iter().map(|one| one.size).sum::<u64>(),
            ticket.attachment_bytes
        );
        if let Some(first) = attachments.first() {
            let found = tickets::attachment(&world.pool, ticket.id, first.id)
                .await
                .unwrap();
            assert_eq!(found.as_ref(), Some(first));
            let elsewhere = TicketId::from_uuid(id());
            assert_eq!(
                tickets::attachment(&world.pool, elsewhere, first.id)
                    .await
                    .unwrap(),
                None
            );
        }
        seen = (seen.0 + comments.len(), seen.1 + attachments.len());
    }
    assert!(seen.0 > 50 && seen.1 > 10, "{seen:?}");
    let sql =
        "SELECT t.id FROM read_tickets.tickets t WHERE deleted AND attachments > 0 AND public_comments > 0";
    let gone = TicketId::from_uuid(world.admin.query(sql, &[]).await.unwrap()[0].get(0));
    assert!(
        tickets::get(&world.pool, gone)
            .await
            .unwrap()
            .unwrap()
            .ticket
            .deleted
    );
    assert_eq!(tickets::comments(&world.pool, gone).await.unwrap(), []);
    assert_eq!(tickets::attachments(&world.pool, gone).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_found_by_a_part_of_name_or_address_and_listed_in_order() {
    let (world, _) = world().await;
    let by = |order| {
        let pool = world.pool.clone();
        async move {
            let mut found = Vec::new();
            let mut after = None;
            loop {
                let page = people::list(&pool, &people::Filter::default(), order, after.as_ref(), 3)
                    .await
                    .unwrap();
                found.extend(page.people.into_iter().map(|row| row.account));
                after = page.next;
                if after.is_none() {
                    return found;
                }
            }
        }
    };
    let newest = by(Order::Newest).await;
    let named = by(Order::Name).await;
    let everybody = world.number("SELECT count(*) FROM read_people.people").await;
    let everybody = usize::try_from(everybody).unwrap();
    assert_eq!((newest.len(), named.len()), (everybody, everybody));
    assert!(newest.is_sorted_by_key(|account| std::cmp::Reverse((account.created_at, account.id))));
    assert!(named.is_sorted_by_key(|account| (account.name.as_str().to_lowercase(), account.id)));

    let part = |part: &str, role| people::Filter {
        part: Some(part.to_owned()),
        role,
        active: None,
    };
    let count = |filter: people::Filter| {
        let pool = world.pool.clone();
        async move {
            people::list(&pool, &filter, Order::Name, None, 500)
                .await
                .unwrap()
                .people
                .len()
        }
    };
    assert_eq!(count(part("PERSON.1@", None)).await, 1);
    assert_eq!(count(part("person ", None)).await, newest.len());
    assert_eq!(count(part("%", None)).await, 0);
    let admins = newest
        .iter()
        .filter(|account| account.role == Role::Admin)
        .count();
    assert_eq!(count(part("", Some(Role::Admin))).await, admins);

    let email = "PERSON.2@example.test".parse().unwrap();
    let found = people::find_by_email(&world.pool, &email)
        .await
        .unwrap()
        .unwrap()
        .account;
    assert_eq!(found.email.as_str(), "Person.2@Example.TEST");
    let email = "nobody@example.test".parse().unwrap();
    assert_eq!(people::find_by_email(&world.pool, &email).await.unwrap(), None);
}
