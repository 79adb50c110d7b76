//! Between nodes: a way for what is no fact, and so not in the log, to reach the other programs on the same database.

use futures::StreamExt;
use futures::stream::{self, BoxStream};

/// Bytes of one message, at most. Postgres takes less than 8,000 in a notification.
pub const SIGNAL_BYTES_MAX: usize = 7_000;

/// Something that came from another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A message, as another node published it.
    Heard(String),
    /// Messages may have been missed, those of this node too: the connection broke, or somebody was too slow. Also the
    /// first thing that is told once messages can pass.
    Missed,
}

/// Whoever carries messages between nodes: at most once, those of one node in their order.
pub trait Signals: Send + Sync + 'static {
    /// Says `message` to all other nodes. Waits for nothing: what cannot be said is lost, and the others find the
    /// gap.
    ///
    /// A message is one line of at most [`SIGNAL_BYTES_MAX`] bytes.
    fn publish(&self, message: String);

    /// What the other nodes say from now on. It ends when the program does.
    fn news(&self) -> BoxStream<'static, Signal>;
}

/// There are no other nodes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Signals for Alone {
    fn publish(&self, _: String) {}

    fn news(&self) -> BoxStream<'static, Signal> {
        stream::pending().boxed()
    }
}
