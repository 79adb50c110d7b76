//! The task that tells clients and the other nodes what people do, and hears what the other nodes tell.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};
use tokio::time::{Instant, interval, sleep, sleep_until};

use super::frames::{tell_people, tell_typing, tell_viewers};
use super::keys::Told;
use super::message::{self, Envelope, Message, Person};
use super::nodes::Heard;
use super::{Presence, State};
use crate::shared::Shared;
use crate::signals::Signal;

/// How long the task rests after a panic.
const REST: Duration = Duration::from_secs(1);
/// Agents for whom changes gather as long again: what each is told of all others grows with the square.
const CROWD: usize = 500;
/// Longest that changes gather.
const GATHER_MAX: Duration = Duration::from_secs(5);
/// Signals that are taken in before clients are told again, at most.
const AT_ONCE_MAX: usize = 1_000;
/// How far off "never" is.
const NEVER: Duration = Duration::from_hours(1);

/// Runs the task until realtime stops; starts it over, after a rest, if it panics.
pub(crate) async fn supervise(shared: Arc<Shared>) {
    loop {
        let mut run = tokio::spawn(run(Arc::clone(&shared)));
        tokio::select! {
            () = shared.stop.cancelled() => {
                run.abort();
                return shared.presence.publish(&shared, |_| vec![Message::Gone]);
            }
            _ = &mut run => tracing::error!("[Socket.IO] Presence panicked and starts over"),
        }
        sleep(REST).await;
    }
}

async fn run(shared: Arc<Shared>) {
    let presence = &shared.presence;
    let mut news: BoxStream<'static, Signal> = shared.options.signals.news();
    let mut beat = interval(presence.options.beat);
    presence.ask(&shared);
    loop {
        let due = presence.due();
        tokio::select! {
            signal = news.next() => match signal {
                Some(signal) => presence.take_in(&shared, signal),
                None => news = stream::pending().boxed(),
            },
            () = presence.wake.notified() => {}
            () = sleep_until(due) => {}
            _ = beat.tick() => presence.publish(&shared, |_| vec![Message::Beat]),
        }
        // If this task was held up, what has come meanwhile counts before anybody is found to be silent.
        for _ in 0..AT_ONCE_MAX {
            let Some(Some(signal)) = news.next().now_or_never() else {
                break;
            };
            presence.take_in(&shared, signal);
        }
        presence.tell(&shared);
    }
}

impl Presence {
    /// Says something to the other nodes.
    fn publish(&self, shared: &Shared, messages: impl FnOnce(&mut State) -> Vec<Message>) {
        let node = shared.options.node;
        // Numbers must go out in their order, so they are published under the lock; publishing waits for nothing.
        let mut state = self.state.lock();
        for message in messages(&mut state) {
            let envelope = state.nodes.envelope(node, message);
            match serde_json::to_string(&envelope) {
                Ok(line) => shared.options.signals.publish(line),
                // Strings and numbers always become JSON.
                Err(error) => tracing::error!(%error, "[Socket.IO] Cannot write a signal to other nodes"),
            }
        }
    }

    /// Something may have been missed on both sides: asks for everything, and tells everything.
    fn ask(&self, shared: &Shared) {
        self.publish(shared, |state| {
            state.nodes.missed += 1;
            state.nodes.owe_all();
            vec![Message::Ask { of: None }]
        });
    }

    fn take_in(&self, shared: &Shared, signal: Signal) {
        match signal {
            Signal::Heard(line) => self.hear(shared, &line),
            Signal::Missed => self.ask(shared),
        }
    }

    /// Another node says something.
    fn hear(&self, shared: &Shared, line: &str) {
        let Ok(Envelope {
            node,
            number,
            message,
        }) = serde_json::from_str(line)
        else {
            tracing::debug!("[Socket.IO] A signal of another version is passed over");
            return;
        };
        let now = Instant::now();
        let own = shared.options.node;
        let mut state = self.state.lock();
        let heard = state
            .nodes
            .hear(own, node, number, now + self.options.node_patience);
        if heard == Heard::Ignored {
            return;
        }
        let is_beat = message == Message::Beat;
        state.understand(self, own, (node, message), now);
        // Once at the gap, then at each sign of life until everything has come.
        let must_ask = heard == Heard::AfterGap || (is_beat && !state.nodes.is_whole(node));
        drop(state);
        if must_ask {
            self.publish(shared, |state| {
                state.nodes.missed += 1;
                vec![Message::Ask { of: Some(node) }]
            });
        }
    }

    /// When there is something to be done.
    fn due(&self) -> Instant {
        let state = self.state.lock();
        let times = [
            state.flush_at,
            state.board.next_expiry(),
            state.keys.due(),
            state.nodes.next_expiry(),
            state.nodes.all_due(),
        ];
        let first = times.into_iter().flatten().min();
        first.unwrap_or_else(|| Instant::now() + NEVER)
    }

    /// Tells what is to be told by now.
    fn tell(&self, shared: &Shared) {
        let now = Instant::now();
        {
            let mut state = self.state.lock();
            for node in state.nodes.expire(now) {
                tracing::warn!(%node, "[Socket.IO] Another node is silent and forgotten with everybody on it");
                state.keys.forget_node(node);
                state.board.set_node(node, std::collections::HashMap::new());
            }
            state.board.expire(now);
        }
        self.tell_keys(shared, now);
        self.flush(shared, now);
        self.publish(shared, |state| {
            if state.nodes.must_tell_all(now) {
                Message::all(state.board.everybody_here())
            } else {
                Vec::new()
            }
        });
    }

    /// Tells who types, at once.
    fn tell_keys(&self, shared: &Shared, now: Instant) {
        let strokes = self.state.lock().keys.take(now);
        for (stroke, told) in strokes {
            if told == Told::Nobody {
                self.publish(shared, |_| vec![Message::keys(&stroke)]);
            }
            tell_typing(shared, &stroke);
        }
    }

    /// Tells what has gathered on the board, if it has gathered for long enough.
    fn flush(&self, shared: &Shared, now: Instant) {
        let crowd = shared.registry.agents_count() / CROWD;
        let more = u32::try_from(crowd).unwrap_or(u32::MAX).saturating_add(1);
        let gather = self.options.gather.saturating_mul(more).min(GATHER_MAX);
        let (people, tickets, here) = {
            let mut state = self.state.lock();
            if !state.board.has_changed() {
                return;
            }
            let at = *state.flush_at.get_or_insert(now + gather);
            if now < at {
                return;
            }
            state.flush_at = None;
            let changes = state.board.take_changes();
            let accounts = &*shared.accounts;
            let people = state.newly_shown(accounts, &changes);
            let viewers = |ticket| (ticket, state.viewers(accounts, ticket));
            let tickets: Vec<_> = changes.tickets.into_iter().map(viewers).collect();
            (people, tickets, changes.here)
        };
        self.publish(shared, |state| {
            let known = |account| Person::new(account, state.board.here(account).as_ref());
            Message::people(here.into_iter().map(known))
        });
        tell_people(shared, &people);
        for (ticket, viewers) in tickets {
            tell_viewers(shared, ticket, viewers);
        }
    }
}

impl State {
    fn understand(
        &mut self,
        presence: &Presence,
        own: uuid::Uuid,
        (node, message): (uuid::Uuid, Message),
        now: Instant,
    ) {
        match message {
            Message::Beat => {}
            Message::Ask { of } => {
                if of.is_none_or(|asked| asked == own) {
                    self.nodes.owe_all();
                }
            }
            Message::Gone => {
                self.keys.forget_node(node);
                self.nodes.leave(node, now + presence.options.node_patience);
            }
            Message::People { people } => {
                for (account, activity) in people.into_iter().map(Person::into_activity) {
                    self.board.set_elsewhere(node, account, activity);
                }
            }
            Message::All { part, parts, people } => {
                if let Some(all) = self.nodes.add_part(node, (part, parts), people) {
                    self.board.set_node(node, all);
                }
            }
            Message::Keys {
                account,
                ticket,
                internal,
                lasts_ms,
            } => {
                let stroke = message::stroke(account, ticket, internal, lasts_ms);
                self.keys.hear(node, stroke, now);
            }
        }
    }
}
