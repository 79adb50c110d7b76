//! The one shape that every aggregate has, so that whoever executes commands is written once.

use crate::actor::Actor;
use crate::codec::{CodecError, Encoded};
use crate::time::Timestamp;

/// An aggregate: how its commands become events, and its events state.
///
/// The names are those of the decider pattern (Jérémie Chassaing, "Functional Event Sourcing Decider", 2021).
pub trait Decider: 'static {
    /// The category of its streams in the log.
    const CATEGORY: &'static str;
    /// What deciding needs to know. `None` before the first event.
    type State: Clone + Send + Sync + 'static;
    /// A fact.
    type Event: Clone + Send + Sync + 'static;
    /// A wish.
    type Command: Clone + Send + Sync + 'static;
    /// What deciding must know of the world outside the stream.
    type Circumstances: Send + Sync;
    /// Why a wish was not granted.
    type Refusal: std::error::Error + Send + Sync + 'static;

    /// The state after `event`, which was recorded at `at`. Pure and total: an event that makes no sense in this
    /// state leaves it as it is.
    fn evolve(state: Option<Self::State>, event: &Self::Event, at: Timestamp) -> Option<Self::State>;

    /// The events that grant `command`, none if it would change nothing. Pure; may be asked again after a conflict.
    fn decide(
        state: Option<&Self::State>,
        command: &Self::Command,
        circumstances: &Self::Circumstances,
    ) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// `version` of a stream in `state`, as `actor` may know it: what entity tags are made of, and compared with.
    fn shown_version(state: &Self::State, version: i64, actor: &Actor) -> i64;

    /// About how many bytes `state` holds besides itself; for bounding caches.
    fn heap_bytes(state: &Self::State) -> usize;

    /// The form in which an event is stored.
    fn encode(event: &Self::Event) -> Encoded;

    /// An event from the form in which it was stored, in whatever version.
    fn decode(event_type: &str, schema_version: i32, payload: &str) -> Result<Self::Event, CodecError>;
}
