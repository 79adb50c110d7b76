//! Folded states by stream: from memory if they are there, from the log if not.

use std::sync::Arc;

use domain::codec::CodecError;
use domain::decider::Decider;
use eventlog::{EventLog, Position, ReadError, RecordedEvent, StreamId, Version};
use moka::future::Cache;
use uuid::Uuid;

/// Bytes of states of one aggregate that are kept, at most.
const CACHE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Events that are read at once.
const PAGE: usize = 1_000;

/// A state as of a version of its stream.
#[derive(Debug)]
pub(crate) struct Folded<S> {
    /// `None` before the first event.
    pub(crate) state: Option<S>,
    pub(crate) version: Version,
    /// Position of the stream's last event; 0 before the first.
    pub(crate) position: Position,
}

impl<S> Default for Folded<S> {
    fn default() -> Self {
        Self {
            state: None,
            version: 0,
            position: 0,
        }
    }
}

impl<S: Clone> Clone for Folded<S> {
    fn clone(&self) -> Self {
        Self {
            state: self.state.clone(),
            version: self.version,
            position: self.position,
        }
    }
}

/// Why a state could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The log could not be read.
    #[error("failed to read the log")]
    Read(#[from] ReadError),
    /// An event could not be understood.
    #[error("failed to understand the event at position {position}")]
    Decode {
        /// Where it is.
        position: Position,
        /// What is wrong with it.
        #[source]
        source: CodecError,
    },
}

/// The states of one aggregate.
pub(crate) struct States<D: Decider> {
    log: EventLog,
    cache: Cache<Uuid, Arc<Folded<D::State>>>,
}

impl<D: Decider> States<D> {
    pub(crate) fn new(log: EventLog) -> Self {
        let cache = Cache::builder()
            .max_capacity(CACHE_BYTES_MAX)
            .weigher(|_, folded: &Arc<Folded<D::State>>| {
                let bytes = size_of::<Folded<D::State>>() + folded.state.as_ref().map_or(0, D::heap_bytes);
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .build();
        Self { log, cache }
    }

    pub(crate) fn stream(id: Uuid) -> StreamId {
        StreamId::new(D::CATEGORY, id)
    }

    /// The state as far as this process knows: no later than the log's, and perhaps earlier if another process
    /// appended. `None` if this process does not know it.
    pub(crate) async fn cached(&self, id: Uuid) -> Option<Arc<Folded<D::State>>> {
        self.cache.get(&id).await
    }

    /// The state as the log has it now.
    ///
    /// It is kept after every page: a stream that is too long to be read in the time of one command (a reader's, after
    /// years) is closer to being read for the next one, instead of never.
    pub(crate) async fn load(&self, id: Uuid) -> Result<Arc<Folded<D::State>>, LoadError> {
        let mut folded = self.cache.get(&id).await.unwrap_or_default();
        loop {
            let (next, is_last) = self.page(id, (*folded).clone(), Version::MAX).await?;
            if next.version > folded.version {
                folded = Arc::new(next);
                self.remember(id, Arc::clone(&folded)).await;
            }
            if is_last {
                return Ok(folded);
            }
        }
    }

    /// The state as it was at `version`.
    pub(crate) async fn load_at(&self, id: Uuid, version: Version) -> Result<Folded<D::State>, LoadError> {
        let mut folded = Folded::default();
        loop {
            let (next, is_last) = self.page(id, folded, version).await?;
            folded = next;
            if is_last || folded.version >= version {
                return Ok(folded);
            }
        }
    }

    /// `folded` after the next page of its stream, as far as `until`, and whether that was the last page.
    async fn page(
        &self,
        id: Uuid,
        mut folded: Folded<D::State>,
        until: Version,
    ) -> Result<(Folded<D::State>, bool), LoadError> {
        let stream = Self::stream(id);
        let page = self.log.read_stream(&stream, folded.version, PAGE).await?;
        for event in page.iter().take_while(|event| event.version <= until) {
            folded = Self::apply(folded, event)?;
        }
        Ok((folded, page.len() < PAGE))
    }

    /// `folded` after `event`, the next one of its stream.
    pub(crate) fn apply(
        folded: Folded<D::State>,
        event: &RecordedEvent,
    ) -> Result<Folded<D::State>, LoadError> {
        assert_eq!(
            event.version,
            folded.version + 1,
            "stream {} has a gap",
            event.stream
        );
        let decoded = Self::decode(event)?;
        Ok(Folded {
            state: D::evolve(folded.state, &decoded, event.recorded_at),
            version: event.version,
            position: event.position,
        })
    }

    pub(crate) fn decode(event: &RecordedEvent) -> Result<D::Event, LoadError> {
        D::decode(&event.event_type, event.schema_version, &event.payload).map_err(|source| {
            LoadError::Decode {
                position: event.position,
                source,
            }
        })
    }

    /// Keeps `folded`, unless a later state is kept already.
    pub(crate) async fn remember(&self, id: Uuid, folded: Arc<Folded<D::State>>) {
        self.cache
            .entry(id)
            .and_upsert_with(|kept| {
                let later = kept.filter(|kept| kept.value().version > folded.version);
                std::future::ready(later.map_or(folded, moka::Entry::into_value))
            })
            .await;
    }
}
