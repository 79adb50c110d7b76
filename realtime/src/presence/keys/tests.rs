//! Keys at their times, and what is told of them when.

use super::*;

const PACE: Pace = Pace {
    silence: Duration::from_millis(4_500),
    again: Duration::from_secs(2),
};

fn account(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(number))
}

fn spot(number: u128) -> Spot {
    Spot {
        ticket: TicketId::from_uuid(Uuid::from_u128(number)),
        internal: false,
    }
}

/// Times in milliseconds, and what is told at each: whether somebody types.
struct Script {
    keys: Keys,
    start: Instant,
}

impl Script {
    fn new() -> Self {
        Self {
            keys: Keys::new(PACE),
            start: Instant::now(),
        }
    }

    fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    fn told(&mut self, ms: u64) -> Vec<bool> {
        let strokes = self.keys.take(self.at(ms));
        strokes.iter().map(|(stroke, _)| stroke.lasts.is_some()).collect()
    }

    /// When something is due next, in milliseconds from the start.
    fn due(&self) -> Option<u128> {
        self.keys
            .due()
            .map(|due| due.duration_since(self.start).as_millis())
    }
}

#[test]
fn keys_are_told_at_once_and_then_at_most_every_two_seconds() {
    let mut script = Script::new();
    let tab = Sid::new();
    let mut frames = Vec::new();
    for ms in (0..6_000).step_by(50) {
        script
            .keys
            .press(account(1), tab, spot(1), script.at(ms))
            .unwrap();
        frames.extend(script.told(ms).into_iter().map(|typing| (ms, typing)));
    }
    assert_eq!(frames, [(0, true), (2_000, true), (4_000, true)]);
    // The last key was pressed at 5,950 ms.
    assert_eq!(script.due(), Some(10_450));
    assert!(script.told(10_449).is_empty());
    assert_eq!(script.told(10_450), [false]);
    assert!(script.told(12_450).is_empty());
    assert_eq!(script.due(), None, "nothing is remembered");
}

#[test]
fn edges_are_late_rather_than_lost() {
    let mut script = Script::new();
    let tab = Sid::new();
    let ticket = spot(1).ticket;
    script.keys.press(account(1), tab, spot(1), script.at(0)).unwrap();
    assert_eq!(script.told(0), [true]);
    script.keys.rest(account(1), tab, ticket, script.at(100));
    assert!(script.told(100).is_empty());
    assert_eq!(script.due(), Some(2_000));
    assert_eq!(script.told(2_000), [false]);
    script
        .keys
        .press(account(1), tab, spot(1), script.at(2_100))
        .unwrap();
    assert!(script.told(2_100).is_empty());
    assert_eq!(script.told(4_000), [true]);
    // Again and again within two seconds: nobody notices.
    script.keys.rest(account(1), tab, ticket, script.at(4_100));
    script
        .keys
        .press(account(1), tab, spot(1), script.at(4_200))
        .unwrap();
    assert!(script.told(6_000).is_empty());
}

#[test]
fn what_is_sent_left_or_closed_ends_at_once() {
    let tab = Sid::new();
    let ends: [fn(&mut Keys, Sid); 4] = [
        |keys, _| keys.stop_in(account(1), spot(1).ticket),
        |keys, tab| keys.leave(account(1), tab, spot(1).ticket),
        |keys, tab| keys.close(account(1), tab),
        |keys, _| keys.stop(account(1)),
    ];
    for end in ends {
        let mut script = Script::new();
        script.keys.press(account(1), tab, spot(1), script.at(0)).unwrap();
        assert_eq!(script.told(0), [true]);
        end(&mut script.keys, tab);
        assert_eq!(script.told(1), [false]);
        script.keys.press(account(1), tab, spot(1), script.at(2)).unwrap();
        assert!(script.told(2).is_empty(), "the pace holds on");
        assert_eq!(script.told(2_000), [true]);
    }
}

#[test]
fn another_tab_or_ticket_takes_over_and_the_former_ends() {
    let mut script = Script::new();
    let (one, two) = (Sid::new(), Sid::new());
    script.keys.press(account(1), one, spot(1), script.at(0)).unwrap();
    script.told(0);
    script
        .keys
        .press(account(1), two, spot(2), script.at(10))
        .unwrap();
    assert_eq!(script.told(10), [false], "nobody types in two places");
    script.keys.close(account(1), one);
    script.keys.leave(account(1), two, spot(1).ticket);
    assert_eq!(script.told(2_000), [true]);
    assert!(script.keys.is_typed(spot(2).ticket, None));
    assert!(!script.keys.is_typed(spot(2).ticket, Some(account(1))));
}

#[test]
fn what_another_node_tells_ends_by_itself_with_the_node_or_when_it_is_sent() {
    let node = Uuid::from_u128(9);
    let types = Stroke {
        account: account(1),
        spot: spot(1),
        lasts: Some(Duration::from_hours(1)),
    };
    let mut script = Script::new();
    script.keys.hear(node, types, script.at(0));
    assert_eq!(script.told(0), [true]);
    assert_eq!(script.due(), Some(4_500), "whatever the node says");
    assert_eq!(script.told(4_500), [false]);

    script.keys.hear(node, types, script.at(5_000));
    script.keys.forget_node(node);
    assert_eq!(script.told(5_000), [true, false]);

    script.keys.hear(node, types, script.at(6_000));
    script.keys.stop_in(account(1), spot(1).ticket);
    assert_eq!(script.told(6_000), [true, false]);
    // Its node says the same, later.
    script
        .keys
        .hear(node, Stroke { lasts: None, ..types }, script.at(6_010));
    assert!(script.told(6_010).is_empty());
    assert_eq!(script.due(), None);
}

#[test]
fn signs_beyond_what_fingers_can_are_refused_for_a_moment() {
    let mut script = Script::new();
    let tab = Sid::new();
    let refused = (0..100).find_map(|ms| script.keys.press(account(1), tab, spot(1), script.at(ms)).err());
    assert_eq!(refused, Some(Duration::from_millis(1_960)));
    assert_eq!(
        script.keys.press(account(2), tab, spot(1), script.at(100)),
        Ok(())
    );
    assert_eq!(
        script.keys.press(account(1), tab, spot(1), script.at(2_000)),
        Ok(())
    );
}
