//! What is kept of lists, and for how long.

use projections::tickets::Filter;

use super::*;
use crate::broadcast::Cut;

#[test]
fn an_event_that_is_passed_over_is_waited_for_when_numbers_are_read_anew() {
    let lists = Lists::new(None, 7);
    lists.forget_counts(9);
    assert_eq!(lists.kept.lock().followed, 9, "no read model before it will do");
    lists.forget_counts(8);
    assert_eq!(lists.kept.lock().followed, 9);
}

#[test]
fn a_list_that_nobody_watches_any_more_is_forgotten() {
    let lists = Lists::new(None, 7);
    let key = Key {
        filter: Filter::default(),
        cut: Cut::Agent,
    };
    let unwatched = HashMap::from([(key, Weak::new())]);
    lists.kept.lock().lists.insert(None, unwatched);
    lists.tidy();
    assert!(lists.kept.lock().lists.is_empty());
}
