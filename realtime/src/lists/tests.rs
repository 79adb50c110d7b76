//! What is kept of lists, and for how long.

use super::*;

#[test]
fn an_event_that_is_passed_over_is_waited_for_when_numbers_are_read_anew() {
    let lists = Lists::new(None, 7);
    lists.forget_counts(9);
    assert_eq!(lists.kept.lock().followed, 9, "no read model before it will do");
    lists.forget_counts(8);
    assert_eq!(lists.kept.lock().followed, 9);
}
