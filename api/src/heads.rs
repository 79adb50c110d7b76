//! Signing heads of the log: what the command line, the HTTP API and the program's own task share.
//!
//! Nothing is sworn that was not looked at: a head is signed after the chain from the last signed head to it has been
//! walked and is whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::head::HeadError;
use audit::merkle::Frontier;
use audit::{Signer, TreeHead, VerifierKey};
use domain::time::{Clock, Timestamp};
use eventlog::{EventLog, Head, Position, ReadError, Reader, SignedHead, latest_signed_head, lock_signing};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_postgres::Config;

use crate::problem::chain;

/// Why no head was signed.
#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    /// There is nothing to be the head of.
    #[error("the log is empty")]
    Empty,
    /// Another program signs, and takes long.
    #[error("another program is signing")]
    Busy,
    /// The log is not what it must be: nobody can swear to it.
    #[error(
        "the log is damaged ({findings} findings, the first at position {position}: {what}); nothing was signed"
    )]
    Damaged {
        /// How much is wrong.
        findings: u64,
        /// Where the first of it is.
        position: Position,
        /// What it is.
        what: String,
    },
    /// The log cannot be read, or the head not kept.
    #[error("the log cannot be read")]
    Log(#[from] ReadError),
    /// The head cannot be written as a note.
    #[error("the head cannot be written")]
    Note(#[from] HeadError),
}

/// A head that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// As it is kept.
    pub head: SignedHead,
    /// Whether it was signed just now; otherwise there was nothing new.
    pub new: bool,
}

/// How signing and publishing are going.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeadsState {
    /// What went wrong last, if it has not been right since.
    pub last_error: Option<String>,
    /// Where heads are published to.
    pub publications: BTreeMap<String, Publication>,
}

/// What became of heads at one of the places where they are published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publication {
    /// The last head that arrived there.
    pub position: Option<Position>,
    /// When it did.
    pub at: Option<Timestamp>,
    /// What went wrong last, if it has not been right since.
    pub last_error: Option<String>,
}

/// Signs heads of one log. Cheap to clone.
#[derive(Clone)]
pub struct Heads {
    inner: Arc<Inner>,
}

struct Inner {
    log: EventLog,
    config: Config,
    signer: Arc<Signer>,
    clock: Arc<dyn Clock>,
    state: Mutex<HeadsState>,
    signed: watch::Sender<Position>,
}

impl Heads {
    /// Signs heads of `log`, which lies in the database of `config`, with `signer`.
    pub fn new(log: EventLog, config: Config, signer: Arc<Signer>, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner: Arc::new(Inner {
                log,
                config,
                signer,
                clock,
                state: Mutex::default(),
                signed: watch::Sender::new(0),
            }),
        }
    }

    /// What its signatures are checked with.
    pub fn key(&self) -> &VerifierKey {
        self.inner.signer.key()
    }

    /// What signs.
    pub(crate) fn signer(&self) -> &Signer {
        &self.inner.signer
    }

    /// The time, by the clock that signed heads have theirs from.
    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// A connection of its own for whoever reads the whole log.
    pub(crate) async fn reader(&self) -> Result<Reader, ReadError> {
        Reader::connect(&self.inner.config).await
    }

    /// The log.
    pub fn log(&self) -> &EventLog {
        &self.inner.log
    }

    /// How it is going.
    pub fn state(&self) -> HeadsState {
        self.inner.state.lock().clone()
    }

    /// The position of the last head that this program has signed, and when it changes.
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.inner.signed.subscribe()
    }

    /// Signs the head of the log as it is now, unless it is signed already.
    pub async fn sign(&self) -> Result<Signed, HeadsError> {
        let outcome = self.sign_now().await;
        self.inner.state.lock().last_error = match &outcome {
            Ok(_) | Err(HeadsError::Empty | HeadsError::Busy) => None,
            Err(error) => Some(chain(error)),
        };
        if let Ok(signed) = &outcome {
            self.inner.signed.send_if_modified(|last| {
                let further = signed.head.position > *last;
                *last = signed.head.position.max(*last);
                further
            });
        }
        outcome
    }

    async fn sign_now(&self) -> Result<Signed, HeadsError> {
        let Inner { log, signer, .. } = &*self.inner;
        let reader = self.reader().await?;
        if !lock_signing(&reader).await? {
            return Err(HeadsError::Busy);
        }
        let last = latest_signed_head(&reader).await?;
        let (start, mut frontier) = last
            .as_ref()
            .and_then(|last| resumed(last, signer.key()))
            .unwrap_or((Head::EMPTY, Frontier::default()));
        let seen = |head: &Head, _| frontier.push(&head.hash);
        let verified = eventlog::verify(&reader, start.position, &[start], seen).await?;
        if let Some(damage) = verified.findings.kept().first() {
            return Err(HeadsError::Damaged {
                findings: verified.findings.count(),
                position: damage.position,
                what: damage.fault.to_string(),
            });
        }
        let head = verified.head;
        match last {
            Some(last) if last.position == head.position => {
                return Ok(Signed {
                    head: last,
                    new: false,
                });
            }
            _ if head.position == 0 => return Err(HeadsError::Empty),
            _ => {}
        }
        let signed_at = self.inner.clock.now();
        let tree = TreeHead {
            origin: signer.key().name().to_owned(),
            head,
            root: frontier.root(),
            time: signed_at,
        };
        let signed = SignedHead {
            position: head.position,
            note: tree.sign(signer)?,
            peaks: frontier.peaks().to_vec(),
            signed_at,
        };
        let new = log.keep_signed_head(&signed).await?;
        Ok(Signed { head: signed, new })
    }

    /// A head has arrived where heads are published.
    pub fn published(&self, place: &str, position: Position) {
        let at = Some(self.inner.clock.now());
        let mut state = self.inner.state.lock();
        state.publications.insert(
            place.to_owned(),
            Publication {
                position: Some(position),
                at,
                last_error: None,
            },
        );
    }

    /// A head has not arrived where heads are published.
    pub fn not_published(&self, place: &str, error: &str) {
        let mut state = self.inner.state.lock();
        let publication = state.publications.entry(place.to_owned()).or_default();
        publication.last_error = Some(error.to_owned());
    }
}

/// Where a signed head lets go on: only if it is this key's, and if what was kept beside it makes the root that was
/// signed.
fn resumed(last: &SignedHead, key: &VerifierKey) -> Option<(Head, Frontier)> {
    let tree = TreeHead::open(&last.note, key).ok()?;
    let size = u64::try_from(last.position).ok()?;
    let frontier = Frontier::resume(size, last.peaks.clone())?;
    (tree.head.position == last.position && tree.root == frontier.root()).then_some((tree.head, frontier))
}
