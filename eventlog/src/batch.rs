//! Which of the waiting commands go into the next transaction together.

use std::collections::{HashSet, VecDeque};

use uuid::Uuid;

use crate::entry::Entry;

/// Most commands in one transaction. Measured: fewer cost throughput, more do not gain any.
pub const BATCH_COMMANDS_MAX: usize = 512;
/// Payload and metadata in one transaction; a single command may have more.
pub const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Takes the next batch out of `pending`, in order. What cannot go into it stays there, in order.
///
/// Commands of one batch must not depend on one another, because each is judged by what was in the log before. So
/// there stays behind: a second command on a stream, a second one with the same id, and one that asks for an
/// unchanged category after an earlier command of that category. Abandoned commands are dropped.
pub(crate) fn plan(pending: &mut VecDeque<Entry>) -> Vec<Entry> {
    let mut batch: Vec<Entry> = Vec::with_capacity(pending.len().min(BATCH_COMMANDS_MAX));
    let mut left: VecDeque<Entry> = VecDeque::new();
    let mut bytes = 0;
    // Of all earlier commands, also of those that stay: nobody overtakes on his own stream.
    let (mut streams, mut commands) = (HashSet::<Uuid>::new(), HashSet::<Uuid>::new());
    let mut categories: Vec<String> = Vec::new();
    for entry in pending.drain(..) {
        if entry.is_abandoned() {
            continue;
        }
        let stream_is_free = streams.insert(entry.stream());
        let command_is_new = commands.insert(entry.command_id());
        let category_is_known = categories.iter().any(|category| category == entry.category());
        if !category_is_known {
            categories.push(entry.category().to_owned());
        }
        let guard_is_safe = entry.category_unchanged_since.is_none() || !category_is_known;
        let fits = batch.is_empty()
            || (batch.len() < BATCH_COMMANDS_MAX && bytes + entry.bytes() <= BATCH_BYTES_MAX);
        if stream_is_free && command_is_new && guard_is_safe && fits {
            bytes += entry.bytes();
            batch.push(entry);
        } else {
            left.push_back(entry);
        }
    }
    *pending = left;
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::append::{Append, AppendError, Appended};
    use crate::entry::entry;
    use crate::envelope::{Metadata, NewEvent, StreamId};
    use tokio::sync::oneshot;

    type Answer = oneshot::Receiver<Result<Appended, AppendError>>;

    struct Command {
        stream: u128,
        id: u128,
        category: &'static str,
        guarded: bool,
        bytes: usize,
    }

    const PLAIN: Command = Command {
        stream: 0,
        id: 0,
        category: "thing",
        guarded: false,
        bytes: 2,
    };

    fn pending(commands: &[Command]) -> (VecDeque<Entry>, Vec<Answer>) {
        let make = |command: &Command| {
            let (answer, receiver) = oneshot::channel();
            let append = Append {
                stream: StreamId::new(command.category, Uuid::from_u128(command.stream)),
                expected: 0,
                events: vec![NewEvent {
                    event_id: Uuid::nil(),
                    event_type: String::new(),
                    schema_version: 1,
                    payload: "x".repeat(command.bytes),
                }],
                metadata: Metadata {
                    actor: String::new(),
                    command_id: Uuid::from_u128(command.id),
                    correlation_id: Uuid::nil(),
                    causation_id: None,
                    origin: String::new(),
                    fingerprint: None,
                    traceparent: None,
                },
                category_unchanged_since: command.guarded.then_some(0),
            };
            (entry(append, answer).unwrap(), receiver)
        };
        commands.iter().map(make).unzip()
    }

    /// Command ids of the batches, until nothing is left.
    fn batches(mut pending: VecDeque<Entry>) -> Vec<Vec<u128>> {
        let mut batches = Vec::new();
        while !pending.is_empty() {
            let batch = plan(&mut pending);
            assert!(!batch.is_empty());
            batches.push(batch.iter().map(|entry| entry.command_id().as_u128()).collect());
        }
        batches
    }

    #[test]
    fn commands_on_different_streams_share_a_batch() {
        let (pending, _answers) = pending(&[
            Command {
                stream: 1,
                id: 1,
                ..PLAIN
            },
            Command {
                stream: 2,
                id: 2,
                ..PLAIN
            },
        ]);
        assert_eq!(batches(pending), [vec![1, 2]]);
    }

    #[test]
    fn commands_on_one_stream_keep_their_order() {
        let (pending, _answers) = pending(&[
            Command {
                stream: 1,
                id: 1,
                ..PLAIN
            },
            Command {
                stream: 1,
                id: 2,
                ..PLAIN
            },
            Command {
                stream: 2,
                id: 3,
                ..PLAIN
            },
            Command {
                stream: 1,
                id: 4,
                ..PLAIN
            },
        ]);
        assert_eq!(batches(pending), [vec![1, 3], vec![2], vec![4]]);
    }

    #[test]
    fn nobody_overtakes_a_command_that_stays_behind_on_his_stream() {
        let (pending, _answers) = pending(&[
            Command {
                stream: 1,
                id: 7,
                ..PLAIN
            },
            Command {
                stream: 2,
                id: 7,
                ..PLAIN
            },
            Command {
                stream: 2,
                id: 8,
                ..PLAIN
            },
        ]);
        assert_eq!(batches(pending), [vec![7], vec![7], vec![8]]);
    }

    #[test]
    fn a_guarded_command_waits_for_earlier_ones_of_its_category() {
        let (pending, _answers) = pending(&[
            Command {
                stream: 1,
                id: 1,
                category: "account",
                ..PLAIN
            },
            Command {
                stream: 2,
                id: 2,
                category: "account",
                guarded: true,
                ..PLAIN
            },
            Command {
                stream: 3,
                id: 3,
                category: "account",
                guarded: true,
                ..PLAIN
            },
            Command {
                stream: 4,
                id: 4,
                ..PLAIN
            },
        ]);
        assert_eq!(batches(pending), [vec![1, 4], vec![2], vec![3]]);
    }

    #[test]
    fn a_guarded_command_may_go_before_others_of_its_category() {
        let (pending, _answers) = pending(&[
            Command {
                stream: 1,
                id: 1,
                guarded: true,
                ..PLAIN
            },
            Command {
                stream: 2,
                id: 2,
                ..PLAIN
            },
        ]);
        assert_eq!(batches(pending), [vec![1, 2]]);
    }

    #[test]
    fn batches_are_bounded_in_commands_and_bytes() {
        let many: Vec<_> = (0..600)
            .map(|id| Command {
                stream: id,
                id,
                ..PLAIN
            })
            .collect();
        let (many, _answers) = pending(&many);
        assert_eq!(
            batches(many).iter().map(Vec::len).collect::<Vec<_>>(),
            [BATCH_COMMANDS_MAX, 88]
        );
        let big: Vec<_> = (0..10)
            .map(|id| Command {
                stream: id,
                id,
                bytes: 1_000_000,
                ..PLAIN
            })
            .collect();
        let (big, _answers) = pending(&big);
        assert_eq!(batches(big).iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2]);
    }

    #[test]
    fn abandoned_commands_are_dropped() {
        let (mut pending, mut answers) = pending(&[
            Command {
                stream: 1,
                id: 1,
                ..PLAIN
            },
            Command {
                stream: 2,
                id: 2,
                ..PLAIN
            },
        ]);
        drop(answers.remove(0));
        assert_eq!(plan(&mut pending).len(), 1);
        assert!(pending.is_empty());
    }
}
