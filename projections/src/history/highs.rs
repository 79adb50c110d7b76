//! Tickets that began later, by the clock, than all before them.

use domain::time::Timestamp;
use eventlog::Position;

use crate::engine::{ApplyError, Session, Write};

const AROUND: &str = "
    SELECT (SELECT created_at FROM highs WHERE position < $1 ORDER BY position DESC LIMIT 1),
           EXISTS (SELECT FROM highs WHERE position > $1)";

/// Tickets that begin in a batch, in order, and which of them are later than all before.
pub(super) struct Highs {
    /// The latest of those that stand before the batch's first.
    high: Option<Timestamp>,
    /// Whether the table has later positions already: a parked stream goes on.
    late: bool,
    positions: Vec<i64>,
    created: Vec<i64>,
}

impl Highs {
    /// What there is around `first`, the position of the first ticket that begins.
    pub(super) async fn around(rows: &Session, first: Option<Position>) -> Result<Self, ApplyError> {
        let mut highs = Self {
            high: None,
            late: false,
            positions: Vec::new(),
            created: Vec::new(),
        };
        let Some(first) = first else {
            return Ok(highs);
        };
        if let Some(row) = rows.query(AROUND, &[&first]).await?.first() {
            highs.high = row.try_get::<_, Option<i64>>(0)?.map(Timestamp::from_millis);
            highs.late = row.try_get(1)?;
        }
        Ok(highs)
    }

    /// A ticket began.
    pub(super) fn push(&mut self, position: Position, created_at: Timestamp) {
        if self.high.is_none_or(|high| high < created_at) {
            self.high = Some(created_at);
            self.positions.push(position);
            self.created.push(created_at.as_millis());
        }
    }

    pub(super) fn write(self, writes: &mut Vec<Write>) {
        if self.positions.is_empty() {
            return;
        }
        if self.late {
            writes.push(Write::new(
                "DELETE FROM highs h USING unnest($1::bigint[], $2::bigint[]) AS u (position, created_at)
                 WHERE h.position > u.position AND h.created_at <= u.created_at",
                vec![Box::new(self.positions.clone()), Box::new(self.created.clone())],
            ));
        }
        writes.push(Write::new(
            "INSERT INTO highs (position, created_at) SELECT * FROM unnest($1::bigint[], $2::bigint[])",
            vec![Box::new(self.positions), Box::new(self.created)],
        ));
    }
}
