//! Signed heads, as they are kept beside the log. What a note says and who signed it is not known here.

use deadpool_postgres::Object;
use domain::time::Timestamp;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Row};

use crate::copy_out::{CopyOut, CopyOutError, Fields};
use crate::envelope::{Hash, Head, Position};
use crate::log::{EventLog, SHORT_READ_WAIT, in_time};
use crate::read::ReadError;
use crate::sql_time::SqlTime;

/// Most signed heads that are read at once.
pub const SIGNED_HEADS_PAGE_MAX: usize = 1_000;
/// Whoever signs holds this lock. The number means nothing; it must only stay.
const SIGNING_LOCK: i64 = 0x01f0_516e;

/// A head that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// The position of the event that it is the head of.
    pub position: Position,
    /// The note, whole.
    pub note: String,
    /// Roots of the complete subtrees of the Merkle tree over all events until then, from left to right.
    pub peaks: Vec<Hash>,
    /// When it was signed.
    pub signed_at: Timestamp,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT position, note, peaks, signed_at FROM log.signed_heads ",
            $rest
        )
    };
}

/// The newest signed head.
pub async fn latest_signed_head(client: &Client) -> Result<Option<SignedHead>, ReadError> {
    let row = client
        .query_opt(select!("ORDER BY position DESC LIMIT 1"), &[])
        .await?;
    row.as_ref().map(signed_head).transpose()
}

/// Signed heads after a position, in order; fewer than [`SIGNED_HEADS_PAGE_MAX`] are the last ones.
pub async fn signed_heads(client: &Client, after: Position) -> Result<Vec<SignedHead>, ReadError> {
    let limit = i64::try_from(SIGNED_HEADS_PAGE_MAX).unwrap_or(i64::MAX);
    let sql = select!("WHERE position > $1 ORDER BY position LIMIT $2");
    let rows = client.query(sql, &[&after, &limit]).await?;
    rows.iter().map(signed_head).collect()
}

/// Signed heads before a position, the newest first.
pub async fn signed_heads_before(
    client: &Client,
    before: Position,
    limit: usize,
) -> Result<Vec<SignedHead>, ReadError> {
    let limit = i64::try_from(limit.min(SIGNED_HEADS_PAGE_MAX)).unwrap_or(i64::MAX);
    let sql = select!("WHERE position < $1 ORDER BY position DESC LIMIT $2");
    let rows = client.query(sql, &[&before, &limit]).await?;
    rows.iter().map(signed_head).collect()
}

/// Waits for its turn to sign, as long as the connection's sessions wait for locks. False: somebody else takes too long.
/// The turn lasts as long as the connection.
pub async fn lock_signing(client: &Client) -> Result<bool, ReadError> {
    match client
        .query("SELECT pg_advisory_lock($1)", &[&SIGNING_LOCK])
        .await
    {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Gives each event's position and stored hash, up to and with `until`, to `seen`.
pub async fn hashes(
    client: &Client,
    until: Position,
    mut seen: impl FnMut(&Head) + Send,
) -> Result<(), ReadError> {
    let sql = format!(
        "COPY (SELECT position, hash FROM log.events WHERE position > 0 AND position <= {until} ORDER BY position) \
         TO STDOUT (FORMAT binary)"
    );
    let mut rows = CopyOut::start(client, &sql).await?;
    let mut last = 0;
    loop {
        let damaged = || ReadError::Damaged { position: last + 1 };
        match rows.next().await {
            Ok(None) => return Ok(()),
            Ok(Some(row)) => {
                let head = position_and_hash(row).ok_or_else(damaged)?;
                last = head.position;
                seen(&head);
            }
            Err(CopyOutError::Database(error)) => return Err(error.into()),
            Err(CopyOutError::Format) => return Err(damaged()),
        }
    }
}

fn position_and_hash(row: &[u8]) -> Option<Head> {
    let mut fields = Fields::of(row, 2)?;
    Some(Head {
        position: fields.int8()?,
        hash: fields.field()?.try_into().ok()?,
    })
}

impl EventLog {
    /// Keeps a signed head. False: there is one of that position already.
    pub async fn keep_signed_head(&self, head: &SignedHead) -> Result<bool, ReadError> {
        let client = self.client().await?;
        let outcome = timeout(SHORT_READ_WAIT, keep(&client, head)).await;
        in_time(client, outcome)
    }

    /// Signed heads before a position, the newest first.
    pub async fn signed_heads_before(
        &self,
        before: Position,
        limit: usize,
    ) -> Result<Vec<SignedHead>, ReadError> {
        let client = self.client().await?;
        let outcome = timeout(SHORT_READ_WAIT, signed_heads_before(&client, before, limit)).await;
        in_time(client, outcome)
    }
}

async fn keep(client: &Object, head: &SignedHead) -> Result<bool, ReadError> {
    let statement = client
        .prepare_cached("SELECT log.keep_signed_head($1, $2, $3, $4)")
        .await?;
    let (peaks, signed_at) = (head.peaks.concat(), SqlTime(head.signed_at));
    let row = client
        .query_one(&statement, &[&head.position, &head.note, &peaks, &signed_at])
        .await?;
    Ok(row.try_get(0)?)
}

fn signed_head(row: &Row) -> Result<SignedHead, ReadError> {
    let peaks: &[u8] = row.try_get(2)?;
    let SqlTime(signed_at) = row.try_get(3)?;
    Ok(SignedHead {
        position: row.try_get(0)?,
        note: row.try_get(1)?,
        peaks: peaks
            .chunks_exact(32)
            .filter_map(|peak| peak.try_into().ok())
            .collect(),
        signed_at,
    })
}
