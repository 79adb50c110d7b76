//! The bytes of attachments: streamed into the object store before their event is recorded, under their SHA-256.
//!
//! If the process dies between the two, bytes without an event remain, never an event without its bytes.

use std::sync::Arc;

use bytes::Bytes;
use domain::ids::Entropy;
use domain::ticket;
use futures::{Stream, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use sha2::{Digest, Sha256};

/// Bytes in one attachment, at most, unless the settings say otherwise: 10 MiB, as in the original.
pub const MAX_SIZE_DEFAULT: u64 = 10 * 1024 * 1024;
/// Bytes that are looked at to find out the media type.
const MAGIC_BYTES: usize = 8 * 1024;
/// Bytes that are sent to the store at once (S3 takes no smaller parts, but for the last).
const PART_BYTES: usize = 5 * 1024 * 1024;

/// Bytes that are in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Their name there.
    pub sha256: ticket::Sha256,
    /// How many they are.
    pub size: u64,
    /// What they look like.
    pub media_type: ticket::MediaType,
}

/// Bytes that have come to their end, under a name of their own until it is certain that they are wanted.
///
/// To be given to [`AttachmentStore::keep`] or [`AttachmentStore::discard`]; what is given to neither is removed by
/// [`AttachmentStore::sweep`].
#[derive(Debug)]
#[must_use = "to be kept or discarded"]
pub struct Arrived {
    incoming: Path,
    stored: Stored,
}

impl Arrived {
    /// What they will be in the store.
    pub const fn stored(&self) -> &Stored {
        &self.stored
    }
}

/// Whether bytes are still what they were when they were stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Soundness {
    /// They are.
    Sound,
    /// They are others, or not as many.
    Changed,
    /// There are none.
    Missing,
}

/// Why bytes were not stored or not found.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There are more than allowed.
    #[error("larger than {max} bytes")]
    TooLarge {
        /// The limit, in bytes.
        max: u64,
    },
    /// There are none.
    #[error("empty")]
    Empty,
    /// Whoever sends them stopped or broke off.
    #[error("failed to receive the bytes")]
    Receive(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store has no such bytes.
    #[error("not in the store")]
    Missing,
    /// The store is away or refuses.
    #[error("failed to reach the object store")]
    Unavailable(#[source] object_store::Error),
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            error => Self::Unavailable(error),
        }
    }
}

/// Where attachments' bytes are. Cheap to clone.
#[derive(Clone)]
pub struct AttachmentStore {
    store: Arc<dyn ObjectStore>,
    max_size: u64,
    entropy: Arc<dyn Entropy>,
}

impl AttachmentStore {
    /// Attachments of at most `max_size` bytes in `store`.
    pub fn new(store: Arc<dyn ObjectStore>, max_size: u64, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            store,
            max_size,
            entropy,
        }
    }

    /// The limit of one attachment, in bytes.
    pub const fn max_size(&self) -> u64 {
        self.max_size
    }

    /// Takes the bytes in and counts them while they come; nothing is left of them if there are too many or the
    /// sender breaks off.
    pub async fn put<E>(
        &self,
        bytes: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<Stored, StoreError>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let arrived = self.receive(bytes).await?;
        self.keep(arrived).await
    }

    /// As [`Self::put`], for bytes of which it is not certain yet that they are wanted.
    pub async fn receive<E>(
        &self,
        bytes: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<Arrived, StoreError>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut random = [0; 16];
        self.entropy.fill(&mut random);
        let incoming = Path::from(format!(
            "incoming/{}",
            uuid::Builder::from_random_bytes(random).into_uuid()
        ));
        let mut upload = self.store.put_multipart(&incoming).await?;
        let received = match self.stream(&mut *upload, bytes).await {
            Ok(stored) => upload.complete().await.map(|_| stored).map_err(StoreError::from),
            Err(error) => {
                if let Err(error) = upload.abort().await {
                    tracing::warn!(%error, "failed to abort an upload");
                }
                Err(error)
            }
        };
        match received {
            Ok(stored) => Ok(Arrived { incoming, stored }),
            Err(error) => {
                self.remove(&incoming).await;
                Err(error)
            }
        }
    }

    /// Gives the bytes their name, unless there are such bytes already.
    pub async fn keep(&self, arrived: Arrived) -> Result<Stored, StoreError> {
        let Arrived { incoming, stored } = arrived;
        let path = path(&stored.sha256);
        let kept = match self.store.head(&path).await {
            Ok(there) if there.size == stored.size => Ok(()),
            Ok(_) | Err(object_store::Error::NotFound { .. }) => self.store.rename(&incoming, &path).await,
            Err(error) => Err(error),
        };
        // Also after success: an upload of bytes that are there already leaves its copy behind.
        self.remove(&incoming).await;
        Ok(kept.map(|()| stored)?)
    }

    /// Removes bytes that are not wanted after all.
    pub async fn discard(&self, arrived: Arrived) {
        self.remove(&arrived.incoming).await;
    }

    async fn remove(&self, incoming: &Path) {
        match self.store.delete(incoming).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => tracing::warn!(%error, "failed to remove an upload's temporary object"),
        }
    }

    async fn stream<E>(
        &self,
        upload: &mut dyn object_store::MultipartUpload,
        bytes: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<Stored, StoreError>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut bytes = std::pin::pin!(bytes);
        let (mut hasher, mut size, mut magic) = (Sha256::new(), 0_u64, Vec::new());
        let (mut part, mut part_bytes) = (Vec::new(), 0);
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(|error| StoreError::Receive(error.into()))?;
            size = size.saturating_add(chunk.len() as u64);
            if size > self.max_size {
                return Err(StoreError::TooLarge { max: self.max_size });
            }
            hasher.update(&chunk);
            let wanted = MAGIC_BYTES.saturating_sub(magic.len()).min(chunk.len());
            magic.extend_from_slice(&chunk[..wanted]);
            part_bytes += chunk.len();
            part.push(chunk);
            if part_bytes >= PART_BYTES {
                part_bytes = 0;
                upload
                    .put_part(PutPayload::from_iter(std::mem::take(&mut part)))
                    .await?;
            }
        }
        if size == 0 {
            return Err(StoreError::Empty);
        }
        if part_bytes > 0 {
            upload.put_part(PutPayload::from_iter(part)).await?;
        }
        let digits = hex::encode(hasher.finalize());
        let sha256 = ticket::Sha256::try_from(digits).map_err(|error| StoreError::Receive(error.into()))?;
        let media_type = media_type(&magic).map_err(|error| StoreError::Receive(error.into()))?;
        Ok(Stored {
            sha256,
            size,
            media_type,
        })
    }

    /// The bytes of that name, as they come.
    pub async fn get(
        &self,
        sha256: &ticket::Sha256,
    ) -> Result<impl Stream<Item = Result<Bytes, object_store::Error>> + Send + use<>, StoreError> {
        Ok(self.store.get(&path(sha256)).await?.into_stream())
    }

    /// Whether the bytes of that name are still those that were stored: reads all of them.
    pub async fn check(&self, sha256: &ticket::Sha256, size: u64) -> Result<Soundness, StoreError> {
        let mut bytes = match self.get(sha256).await {
            Ok(bytes) => std::pin::pin!(bytes),
            Err(StoreError::Missing) => return Ok(Soundness::Missing),
            Err(error) => return Err(error),
        };
        let (mut hasher, mut found) = (Sha256::new(), 0_u64);
        while let Some(chunk) = bytes.try_next().await? {
            hasher.update(&chunk);
            found = found.saturating_add(chunk.len() as u64);
        }
        let same = hex::encode(hasher.finalize()) == sha256.as_str() && found == size;
        Ok(if same {
            Soundness::Sound
        } else {
            Soundness::Changed
        })
    }

    /// Removes what uploads left behind that a dying process could not finish: temporary objects last changed before
    /// `seconds_since_epoch`. Returns how many.
    pub async fn sweep(&self, seconds_since_epoch: i64) -> Result<usize, StoreError> {
        let prefix = Path::from("incoming");
        let left: Vec<_> = self
            .store
            .list(Some(&prefix))
            .try_filter(|object| std::future::ready(object.last_modified.timestamp() < seconds_since_epoch))
            .try_collect()
            .await?;
        for object in &left {
            self.store.delete(&object.location).await?;
        }
        Ok(left.len())
    }
}

/// Two levels, so that no folder grows without end.
fn path(sha256: &ticket::Sha256) -> Path {
    let digits = sha256.as_str();
    Path::from(format!("sha256/{}/{digits}", &digits[..2]))
}

/// What the bytes look like, from their beginning; the uploader's claim is never asked for.
fn media_type(magic: &[u8]) -> Result<ticket::MediaType, ticket::NotAMediaType> {
    let found = infer::get(magic).map_or("application/octet-stream", |kind| kind.mime_type());
    ticket::MediaType::try_from(found.to_owned())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use object_store::memory::InMemory;

    use super::*;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    fn store(max_size: u64) -> (AttachmentStore, Arc<InMemory>) {
        let memory = Arc::new(InMemory::new());
        (
            AttachmentStore::new(Arc::<InMemory>::clone(&memory), max_size, Arc::new(Sevens)),
            memory,
        )
    }

    fn chunks(chunks: &[&'static [u8]]) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
        futures::stream::iter(
            chunks
                .iter()
                .map(|chunk| Ok(Bytes::from_static(chunk)))
                .collect::<Vec<_>>(),
        )
    }

    async fn objects(memory: &InMemory) -> Vec<String> {
        memory
            .list(None)
            .map_ok(|object| object.location.to_string())
            .try_collect()
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn bytes_are_kept_once_under_their_hash() {
        let (store, memory) = store(100);
        let first = store.put(chunks(&[b"\x89PNG\r\n\x1a\n", b"rest"])).await.unwrap();
        let second = store.put(chunks(&[b"\x89PNG\r\n\x1a\nrest"])).await.unwrap();
        assert_eq!(first, second);
        assert_eq!((first.size, first.media_type.as_str()), (12, "image/png"));
        let digits = first.sha256.as_str();
        assert_eq!(
            objects(&memory).await,
            [format!("sha256/{}/{digits}", &digits[..2])]
        );
        let read: Vec<Bytes> = store
            .get(&first.sha256)
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        assert_eq!(read.concat(), b"\x89PNG\r\n\x1a\nrest");
    }

    #[tokio::test]
    async fn bytes_that_are_no_longer_what_they_were_are_told() {
        let (store, memory) = store(100);
        let stored = store.put(chunks(&[b"some", b"thing"])).await.unwrap();
        let check = async |size| store.check(&stored.sha256, size).await.unwrap();
        assert_eq!(check(9).await, Soundness::Sound);
        assert_eq!(check(8).await, Soundness::Changed);
        memory
            .put(&path(&stored.sha256), "somethinG".into())
            .await
            .unwrap();
        assert_eq!(check(9).await, Soundness::Changed);
        memory.delete(&path(&stored.sha256)).await.unwrap();
        assert_eq!(check(9).await, Soundness::Missing);
    }

    /// U3: counted while reading; nothing is left behind.
    #[tokio::test]
    async fn too_many_bytes_leave_nothing_behind() {
        let (store, memory) = store(5);
        assert!(matches!(
            store.put(chunks(&[b"1234", b"56"])).await,
            Err(StoreError::TooLarge { max: 5 })
        ));
        assert!(matches!(store.put(chunks(&[])).await, Err(StoreError::Empty)));
        let breaks_off = futures::stream::iter([Ok(Bytes::from_static(b"1")), Err("the line is dead")]);
        assert!(matches!(store.put(breaks_off).await, Err(StoreError::Receive(_))));
        assert_eq!(objects(&memory).await, [""; 0]);
    }

    #[tokio::test]
    async fn what_has_arrived_is_kept_or_leaves_nothing_behind() {
        let (store, memory) = store(100);
        let unwanted = store.receive(chunks(&[b"some", b"thing"])).await.unwrap();
        assert_eq!(objects(&memory).await.len(), 1);
        let size = unwanted.stored().size;
        store.discard(unwanted).await;
        assert_eq!((size, objects(&memory).await), (9, vec![]));
        let wanted = store.receive(chunks(&[b"some", b"thing"])).await.unwrap();
        let stored = store.keep(wanted).await.unwrap();
        assert_eq!(store.check(&stored.sha256, 9).await.unwrap(), Soundness::Sound);
        assert_eq!(objects(&memory).await.len(), 1);
    }

    #[tokio::test]
    async fn the_claim_of_the_uploader_is_not_asked_for() {
        let (store, _) = store(100);
        let html = store
            .put(chunks(&[b"<html><script>alert(1)</script>"]))
            .await
            .unwrap();
        assert_eq!(html.media_type.as_str(), "text/html");
        assert_eq!(
            store
                .put(chunks(&[b"just text"]))
                .await
                .unwrap()
                .media_type
                .as_str(),
            "application/octet-stream"
        );
    }
}
