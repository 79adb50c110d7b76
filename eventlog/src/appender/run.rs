//! The appender's loop: collect what waits, append it together, tell everybody.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::time::Timestamp;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::session::{Finding, FindingKind, Outcome, Session, SessionError};
use super::{Appender, BACKOFF_MIN, longer};
use crate::append::{AppendError, Appended};
use crate::batch::{BATCH_COMMANDS_MAX, plan};
use crate::chain::link;
use crate::entry::Entry;
use crate::envelope::{Head, RecordedEvent};

/// Most commands that are looked at for one batch; the others stay in the queue.
const PENDING_MAX: usize = 2 * BATCH_COMMANDS_MAX;

/// Appends until the log is closing and nothing waits any more.
pub(super) async fn run(appender: Appender) {
    let commands = Arc::clone(&appender.commands);
    let mut commands = commands.lock().await;
    let mut writer = Writer {
        appender,
        session: None,
        head: None,
        contended: false,
        pause: BACKOFF_MIN,
    };
    let mut pending = VecDeque::new();
    while collect(&writer.appender, &mut commands, &mut pending).await {
        writer.write(plan(&mut pending)).await;
    }
}

/// Adds what has arrived to `pending`; waits if there is nothing at all. False when the log is closing and nothing
/// is left.
async fn collect(
    appender: &Appender,
    commands: &mut mpsc::Receiver<Entry>,
    pending: &mut VecDeque<Entry>,
) -> bool {
    if pending.is_empty() {
        let closing = &appender.shared.closing;
        let first = tokio::select! {
            biased;
            first = commands.recv() => first,
            () = closing.cancelled() => {
                commands.close(); // what is in the queue already is still settled
                commands.recv().await
            }
        };
        let Some(first) = first else { return false };
        pending.push_back(first);
    }
    // No lingering; but whoever was answered a moment ago and is ready to run may send his next command first. Many of
    // them need several turns: it goes on as long as each brings somebody. On a slow disk (4 ms a commit) the first
    // turn was measured to be worth half as much again at 16 commands in flight, the others at 256.
    loop {
        tokio::task::yield_now().await;
        let before = pending.len();
        while pending.len() < PENDING_MAX {
            let Ok(next) = commands.try_recv() else { break };
            pending.push_back(next);
        }
        if pending.len() == before || pending.len() >= BATCH_COMMANDS_MAX {
            break;
        }
    }
    true
}

struct Writer {
    appender: Appender,
    session: Option<Session>,
    /// The end of the log as far as this process knows; unknown at first and after every failure.
    head: Option<Head>,
    /// Another process appends too: hashes are computed under the lock, so that none of the two waits for ever.
    contended: bool,
    /// The pause before the next attempt after a failure.
    pause: Duration,
}

impl Writer {
    /// Settles every command of a batch.
    async fn write(&mut self, batch: Vec<Entry>) {
        let mut todo = vec![batch];
        while let Some(mut batch) = todo.pop() {
            batch.retain(|entry| !entry.is_abandoned());
            if batch.is_empty() {
                continue;
            }
            match self.attempt(&mut batch).await {
                Ok(Outcome::Appended) => self.appended(batch),
                Ok(Outcome::Stale) => {
                    self.contended = true;
                    todo.push(batch);
                }
                Ok(Outcome::Refused(findings)) => todo.extend(self.refused(batch, &findings).await),
                Err(SessionError::Data(why)) => todo.extend(halved(batch, &why)),
                Err(SessionError::Lost(why)) => {
                    self.lost(&why).await;
                    todo.push(batch);
                }
            }
        }
    }

    /// Sends a batch once.
    async fn attempt(&mut self, batch: &mut [Entry]) -> Result<Outcome, SessionError> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.connect().await?,
        };
        let session = self.session.insert(session);
        let now = self.appender.clock.now();
        let (outcome, head) = match self.head {
            Some(head) if !self.contended => {
                let next = chain(head, now, batch);
                (session.append(&head, batch).await, next)
            }
            known => {
                let head = session.lock().await?;
                self.contended = known.is_some_and(|known| known != head);
                let next = chain(head, now, batch);
                (session.append_locked(&head, batch).await, next)
            }
        };
        match &outcome {
            Ok(Outcome::Appended) => {
                self.head = Some(head);
                self.pause = BACKOFF_MIN;
            }
            Err(SessionError::Lost(_)) => batch.iter_mut().for_each(|entry| entry.sent = true),
            _ => {}
        }
        outcome
    }

    async fn connect(&self) -> Result<Session, SessionError> {
        let session = Session::open(&self.appender.connect).await;
        let session = session.map_err(|error| match std::error::Error::source(&error) {
            Some(source) => SessionError::Lost(format!("{error}: {source}")),
            None => SessionError::Lost(error.to_string()),
        })?;
        self.appender
            .shared
            .appender_backend
            .store(session.backend, Ordering::Relaxed);
        Ok(session)
    }

    /// A batch is committed: readers first, then callers.
    fn appended(&self, batch: Vec<Entry>) {
        let mut all = Vec::with_capacity(batch.len());
        let mut answers = Vec::with_capacity(batch.len());
        for entry in batch {
            let events: Vec<_> = entry.events.into_iter().map(Arc::new).collect();
            all.extend(events.iter().cloned());
            answers.push((entry.answer, events));
        }
        self.appender.shared.publish_events(&all);
        let events = u32::try_from(all.len()).unwrap_or(u32::MAX);
        self.appender.shared.meters.batch_events.record(events);
        for (answer, events) in answers {
            drop(answer.send(Ok(Appended {
                events,
                duplicate: false,
            })));
        }
    }

    /// Settles the commands that stood in the way, and gives back the others.
    async fn refused(&mut self, batch: Vec<Entry>, findings: &[Finding]) -> Option<Vec<Entry>> {
        let found: HashMap<usize, &FindingKind> = findings
            .iter()
            .rev()
            .map(|finding| (finding.first_event, &finding.kind))
            .collect();
        let (mut duplicates, mut others) = (Vec::new(), Vec::new());
        let mut first_event = 0;
        for entry in batch {
            let events = entry.events.len();
            match found.get(&first_event) {
                None => others.push(entry),
                Some(FindingKind::Duplicate) => duplicates.push(entry),
                Some(FindingKind::Conflict { actual }) => {
                    entry.settle(Err(AppendError::Conflict { actual: *actual }));
                }
                Some(FindingKind::CategoryChanged) => entry.settle(Err(AppendError::CategoryChanged)),
            }
            first_event += events;
        }
        others.extend(self.settle_duplicates(duplicates).await);
        (!others.is_empty()).then_some(others)
    }

    /// Answers commands that are in the log already with what it has; gives back those of which it could not be
    /// read.
    async fn settle_duplicates(&mut self, duplicates: Vec<Entry>) -> Vec<Entry> {
        let Some(session) = self.session.as_ref().filter(|_| !duplicates.is_empty()) else {
            return duplicates;
        };
        let recorded = match session.recorded(&duplicates).await {
            Ok(recorded) => recorded,
            Err(error) => {
                self.lost(&error.to_string()).await;
                return duplicates;
            }
        };
        let mut of_command: HashMap<_, Vec<Arc<RecordedEvent>>> = HashMap::new();
        for event in recorded {
            of_command
                .entry(event.command_id)
                .or_default()
                .push(Arc::new(event));
        }
        for entry in duplicates {
            let events = of_command.get(&entry.command_id()).cloned().unwrap_or_default();
            // Sent before on a connection that was lost, and committed after all: that is the first time.
            let is_own = entry.sent
                && events
                    .first()
                    .is_some_and(|event| event.event_id == entry.events[0].event_id);
            if let Some(last) = events.last() {
                self.appender.shared.publish(last.position);
            }
            entry.settle(Ok(Appended {
                events,
                duplicate: !is_own,
            }));
        }
        Vec::new()
    }

    /// The connection is of no use any more: the next attempt, after a pause, makes another one.
    async fn lost(&mut self, why: &str) {
        tracing::warn!(reason = why, "the log cannot be appended to at the moment");
        self.appender.shared.meters.lost_connections.increment(1);
        self.session = None;
        self.head = None;
        self.contended = false;
        self.appender.shared.appender_backend.store(0, Ordering::Relaxed);
        sleep(self.pause).await;
        self.pause = longer(self.pause);
    }
}

/// Postgres cannot store something in the batch: halves it until the culprit is alone.
fn halved(mut batch: Vec<Entry>, why: &str) -> Vec<Vec<Entry>> {
    if batch.len() > 1 {
        let second = batch.split_off(batch.len() / 2);
        return vec![second, batch]; // the last one is tried first
    }
    for entry in batch {
        entry.settle(Err(AppendError::Refused(why.to_owned())));
    }
    Vec::new()
}

/// Gives the batch's events their positions, times and hashes after `head`, and returns the head that they make.
fn chain(mut head: Head, now: Timestamp, batch: &mut [Entry]) -> Head {
    for event in batch.iter_mut().flat_map(|entry| &mut entry.events) {
        event.position = head.position + 1;
        event.recorded_at = now;
        event.hash = link(&head.hash, event);
        head = Head {
            position: event.position,
            hash: event.hash,
        };
    }
    head
}
