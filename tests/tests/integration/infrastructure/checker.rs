//! The checker finds each fault that is planted.

use tests::checker::{Report, Wish, check};
use uuid::Uuid;

fn key(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn wish(number: u128, acknowledged: bool) -> Wish {
    Wish {
        key: key(number),
        acknowledged,
        refused: false,
    }
}

#[test]
fn a_clean_run_is_clean() {
    let journal = [wish(1, true), wish(2, true), wish(3, false), wish(4, false)];
    let report = check(&journal, &[key(1), key(4), key(2)]);
    assert!(report.is_clean());
    assert_eq!(
        report.to_string(),
        "attempted 4 acknowledged 2 ok 2 lost 0 unexpected 0 duplicated 0 recovered 1"
    );
}

#[test]
fn an_acknowledged_wish_that_the_log_has_not_is_lost() {
    let report = check(&[wish(1, true), wish(2, true)], &[key(2)]);
    assert_eq!(report.lost, [key(1)]);
    assert!(!report.is_clean());
}

#[test]
fn what_nobody_wished_is_unexpected() {
    let report = check(&[wish(1, true)], &[key(1), key(9), key(9)]);
    assert_eq!(report.unexpected, [key(9)]);
    assert_eq!(report.duplicated, [key(9)]);
}

#[test]
fn what_was_refused_and_stands_in_the_log_is_unexpected() {
    let refused = Wish {
        refused: true,
        ..wish(1, false)
    };
    let report = check(std::slice::from_ref(&refused), &[key(1)]);
    assert_eq!(report.unexpected, [key(1)]);
    assert!(check(&[refused], &[]).is_clean());
}

#[test]
fn what_the_log_has_twice_is_duplicated_acknowledged_or_not() {
    let report = check(
        &[wish(1, true), wish(2, false)],
        &[key(1), key(2), key(1), key(2)],
    );
    assert_eq!(report.duplicated, [key(1), key(2)]);
    assert_eq!((report.ok, report.recovered), (1, 1));
}

#[test]
fn nothing_at_all_is_clean() {
    assert_eq!(check(&[], &[]), Report::default());
}
