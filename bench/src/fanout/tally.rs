//! What a swarm has received: of each broadcast, when the first, the median and the last client had it.

use std::cell::RefCell;
use std::time::Instant;

use tokio::sync::Notify;

use crate::outcome::Outcome;

/// One broadcast on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// When whoever made it began to.
    pub(crate) begun: Instant,
    clients: usize,
    pub(crate) first: Option<Instant>,
    pub(crate) median: Option<Instant>,
    pub(crate) last: Option<Instant>,
}

/// Counts for all clients of a swarm, in its one thread. A client receives broadcasts in the order in which they were
/// made, so its n-th is everybody's n-th.
#[derive(Debug)]
pub(crate) struct Tally {
    /// How many clients must receive each broadcast.
    clients: usize,
    state: RefCell<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    joined: usize,
    marks: Vec<Mark>,
    complete: usize,
    failure: Option<String>,
}

impl Tally {
    pub(crate) fn new(clients: usize) -> Self {
        Self {
            clients,
            state: RefCell::default(),
            changed: Notify::new(),
        }
    }

    /// A client is in the room.
    pub(crate) fn joined(&self) {
        self.state.borrow_mut().joined += 1;
        self.changed.notify_one();
    }

    /// The next broadcast is about to be made.
    pub(crate) fn begin(&self) {
        self.state.borrow_mut().marks.push(Mark {
            begun: Instant::now(),
            clients: 0,
            first: None,
            median: None,
            last: None,
        });
    }

    /// A client has received its broadcast `number`, counting from 0.
    pub(crate) fn received(&self, number: usize) -> Outcome<()> {
        let mut state = self.state.borrow_mut();
        let mark = state
            .marks
            .get_mut(number)
            .ok_or("a broadcast that nobody made")?;
        mark.clients += 1;
        let received = mark.clients;
        let now = (received == 1 || received == self.clients.div_ceil(2) || received == self.clients)
            .then(Instant::now);
        if received == 1 {
            mark.first = now;
        }
        if received == self.clients.div_ceil(2) {
            mark.median = now;
        }
        if received == self.clients {
            mark.last = now;
            state.complete += 1;
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Something went wrong; whoever waits is told.
    pub(crate) fn fail(&self, failure: String) {
        self.state.borrow_mut().failure.get_or_insert(failure);
        self.changed.notify_one();
    }

    /// Waits until `clients` have joined.
    pub(crate) async fn all_joined(&self, clients: usize) -> Outcome<()> {
        self.until(|state| state.joined >= clients).await
    }

    /// Waits until at most `count` broadcasts are on their way.
    pub(crate) async fn at_most(&self, count: usize) -> Outcome<()> {
        self.until(|state| state.marks.len() - state.complete <= count)
            .await
    }

    /// The broadcasts from `number` on.
    pub(crate) fn since(&self, number: usize) -> Vec<Mark> {
        self.state.borrow().marks[number..].to_vec()
    }

    /// How many broadcasts were made.
    pub(crate) fn made(&self) -> usize {
        self.state.borrow().marks.len()
    }

    async fn until(&self, reached: impl Fn(&State) -> bool) -> Outcome<()> {
        loop {
            {
                let state = self.state.borrow();
                if let Some(failure) = &state.failure {
                    return Err(failure.clone().into());
                }
                if reached(&state) {
                    return Ok(());
                }
            }
            self.changed.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_broadcast_is_complete_when_the_last_client_has_it() {
        let tally = Tally::new(3);
        tally.begin();
        tally.received(0).unwrap();
        assert_eq!(tally.since(0)[0].median, None);
        tally.received(0).unwrap();
        assert!(tally.since(0)[0].median.is_some());
        assert_eq!(tally.since(0)[0].last, None);
        tally.received(0).unwrap();
        tally.at_most(0).await.unwrap();
        assert!(tally.since(0)[0].last >= tally.since(0)[0].first);
        assert!(tally.received(1).is_err(), "nobody made it");
    }

    #[tokio::test]
    async fn whoever_waits_is_told_of_a_failure() {
        let tally = Tally::new(1);
        tally.fail("gone".to_owned());
        assert!(tally.all_joined(1).await.is_err());
    }
}
