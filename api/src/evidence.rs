//! Making evidence packs: what crate `audit` needs, read from the log. For the endpoint and for the command line.

use audit::TreeHead;
use audit::head::HeadError;
use audit::pack::{Gathering, PACK_CONTENT_BYTES_MAX, PACK_EVENTS_MAX, PackError};
use domain::decider::Decider as _;
use domain::ids::TicketId;
use domain::ticket::Tickets;
use eventlog::{EventLog, Hashes, Position, ReadError, RecordedEvent, StreamId};

use crate::heads::{Heads, HeadsError};

/// Events that are read at once.
const PAGE: usize = 200;

/// An evidence pack.
#[derive(Debug)]
pub struct Evidence {
    /// The file.
    pub file: Vec<u8>,
    /// How many events are in it.
    pub events: usize,
    /// As of which position of the log.
    pub until: Position,
}

/// Why there is no evidence pack.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// There never was such a ticket.
    #[error("there is no such ticket")]
    NoTicket,
    /// The log could not be read.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// No head was signed that the pack could be taken under.
    #[error(transparent)]
    Head(#[from] HeadsError),
    /// The pack could not be made.
    #[error(transparent)]
    Pack(#[from] PackError),
}

impl From<HeadError> for EvidenceError {
    fn from(error: HeadError) -> Self {
        Self::Head(error.into())
    }
}

/// Makes the evidence pack of a ticket, also of one that was deleted, as of the log's present end. The head that it is
/// taken under is signed and kept as every other one: only after the chain since the last one was walked. Reads the hash
/// of every event of the log, over a connection of its own.
pub async fn gather(heads: &Heads, ticket: TicketId) -> Result<Evidence, EvidenceError> {
    let log = heads.log();
    let sworn = TreeHead::open(&heads.sign().await?.head.note, heads.key())?;
    let until = sworn.head.position;
    let stream = StreamId::new(Tickets::CATEGORY, ticket.as_uuid());
    let events = history(log, &stream, until).await?;
    if events.is_empty() {
        return Err(EvidenceError::NoTicket);
    }
    let count = events.len();
    let mut gathering = Gathering::new(events, sworn)?;
    let mut hashes = Hashes::new(heads.reader().await?, 0, until);
    while let Some(hash) = hashes.next().await? {
        gathering.push(&hash)?;
    }
    let heads = heads.clone();
    // Writing a large one takes a while, and nobody else should wait for it.
    let sealed = tokio::task::spawn_blocking(move || gathering.seal(heads.signer(), heads.now())).await;
    let file = sealed.map_err(|error| PackError::Write(error.into()))??;
    Ok(Evidence {
        file,
        events: count,
        until,
    })
}

/// Whether there ever was such a ticket.
pub async fn is_known(log: &EventLog, ticket: TicketId) -> Result<bool, ReadError> {
    let stream = StreamId::new(Tickets::CATEGORY, ticket.as_uuid());
    Ok(!log.read_stream(&stream, 0, 1).await?.is_empty())
}

/// The events of a stream up to a position, and no more of them than a pack may have by much.
async fn history(
    log: &EventLog,
    stream: &StreamId,
    until: Position,
) -> Result<Vec<RecordedEvent>, EvidenceError> {
    let mut events: Vec<RecordedEvent> = Vec::new();
    let mut bytes = 0;
    loop {
        let after = events.last().map_or(0, |event| event.version);
        let page = log.read_stream(stream, after, PAGE).await?;
        let whole = page.len();
        let page = page.into_iter().take_while(|event| event.position <= until);
        let before = events.len();
        events.extend(page);
        bytes += events[before..]
            .iter()
            .map(|event| event.payload.len() + event.metadata.len())
            .sum::<usize>();
        if events.len() > PACK_EVENTS_MAX || bytes > PACK_CONTENT_BYTES_MAX {
            return Err(PackError::TooLarge.into());
        }
        if whole < PAGE || events.len() - before < whole {
            return Ok(events);
        }
    }
}
