//! Tabs, closed ones, other nodes: who counts, and for how long.

use std::time::Duration;

use super::*;

fn account(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(number))
}

fn ticket(number: u128) -> TicketId {
    TicketId::from_uuid(Uuid::from_u128(number))
}

fn viewers(board: &Board, number: u128) -> Vec<(AccountId, Involvement)> {
    board.viewers(ticket(number)).collect()
}

#[test]
fn tabs_of_one_person_count_once_and_the_most_active_state_wins() {
    let mut board = Board::default();
    let (one, two) = (Sid::new(), Sid::new());
    board.open(account(1), one);
    board.open(account(1), two);
    assert_eq!(board.people().count(), 1);
    board.set_availability(one, Availability::Away);
    assert_eq!(board.availability(account(1)), Availability::Online);
    board.set_availability(two, Availability::Away);
    assert_eq!(board.availability(account(1)), Availability::Away);
    board.set_involvement(one, ticket(7), Some(Involvement::Editing));
    board.set_involvement(two, ticket(7), Some(Involvement::Open));
    assert_eq!(viewers(&board, 7), [(account(1), Involvement::Editing)]);
    board.set_involvement(one, ticket(7), None);
    assert_eq!(viewers(&board, 7), [(account(1), Involvement::Open)]);
    board.close(two, None);
    assert!(viewers(&board, 7).is_empty());
    assert_eq!(board.availability(account(1)), Availability::Away);
    board.close(one, None);
    assert_eq!(board.availability(account(1)), Availability::Offline);
    assert_eq!(board.counts(), (0, 0));
}

#[test]
fn a_closed_tab_stays_for_a_while_and_a_page_loaded_again_takes_its_place() {
    let mut board = Board::default();
    let now = Instant::now();
    let later = now + Duration::from_secs(5);
    let (old, new) = (Sid::new(), Sid::new());
    board.open(account(1), old);
    board.set_involvement(old, ticket(7), Some(Involvement::Editing));
    board.take_changes();
    board.close(old, Some(later));
    let changes = board.take_changes();
    assert!(
        changes.people.is_empty() && changes.tickets.is_empty(),
        "{changes:?}"
    );
    assert_eq!(board.next_expiry(), Some(later));

    board.open(account(1), new);
    assert_eq!(viewers(&board, 7), [(account(1), Involvement::Editing)]);
    board.set_involvement(new, ticket(7), Some(Involvement::Viewing));
    assert_eq!(viewers(&board, 7), [(account(1), Involvement::Viewing)]);
    board.expire(later);
    assert_eq!(viewers(&board, 7), [(account(1), Involvement::Viewing)]);
    board.close(new, Some(later));
    board.take_changes();
    board.expire(later);
    let changes = board.take_changes();
    assert!(changes.people.contains(&account(1)) && changes.tickets.contains(&ticket(7)));
    assert_eq!(board.counts(), (0, 0));
    assert_eq!(board.next_expiry(), None);
}

#[test]
fn memory_is_bounded_while_somebody_comes_and_goes() {
    let mut board = Board::default();
    let until = Instant::now() + Duration::from_secs(5);
    for number in 0..1_000 {
        let tab = Sid::new();
        board.open(account(1), tab);
        board.set_involvement(tab, ticket(number), Some(Involvement::Open));
        board.close(tab, Some(until));
    }
    let (people, tickets) = board.counts();
    assert_eq!(people, 1);
    assert!(tickets <= CLOSED_MAX, "{tickets}");
    board.expire(until);
    assert_eq!(board.counts(), (0, 0));
    assert!(board.here.is_empty() && board.owners.is_empty() && board.closed.is_empty());
}

#[test]
fn what_other_nodes_know_counts_too_until_they_are_forgotten() {
    let mut board = Board::default();
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let looks = |involvement| {
        let mut activity = Activity::new();
        activity.tickets.insert(ticket(7), involvement);
        activity
    };
    let tab = Sid::new();
    board.open(account(1), tab);
    board.set_elsewhere(one, account(1), Some(looks(Involvement::Viewing)));
    board.set_elsewhere(two, account(1), Some(looks(Involvement::Open)));
    board.set_elsewhere(two, account(2), Some(looks(Involvement::Open)));
    assert_eq!(
        viewers(&board, 7),
        [
            (account(1), Involvement::Viewing),
            (account(2), Involvement::Open)
        ]
    );
    board.set_node(one, HashMap::new());
    assert_eq!(
        viewers(&board, 7),
        [(account(1), Involvement::Open), (account(2), Involvement::Open)]
    );
    board.take_changes();
    board.set_node(two, HashMap::from([(account(1), Activity::new())]));
    let changes = board.take_changes();
    assert_eq!(changes.people, HashSet::from([account(2)]));
    assert!(changes.here.is_empty(), "what others say is not passed on");
    assert!(viewers(&board, 7).is_empty());
    board.close(tab, None);
    assert_eq!(board.availability(account(1)), Availability::Online);
    board.set_elsewhere(two, account(1), None);
    assert_eq!(board.counts(), (0, 0));
}
