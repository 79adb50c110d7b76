//! The fresh fold: what the log makes of the model's tables up to a position.

use eventlog::{EventFacts, Position, copied_rows};
use tokio_postgres::Client;
use uuid::Uuid;

use super::live::Live;
use crate::engine::copy::Copies;
use crate::engine::model::{More, ReadModel};
use crate::engine::skips::Skips;
use crate::error::EngineError;

/// Rows are taken out of the fold after so many events.
const TAKE_EVENTS: u64 = 2_000;

/// What a fold came to, beside its rows.
#[derive(Debug, Default)]
pub(super) struct Folded {
    pub(super) events: u64,
    /// Events that the fold refuses although their streams are not parked.
    pub(super) refused: Vec<(Position, Uuid)>,
}

/// Folds the log up to where `live` is, and passes over what the live generation does: events that are skipped, and those
/// of parked streams from where they wait. `row` gets every row with the place of its table.
pub(super) async fn fold(
    client: &Client,
    model: &dyn ReadModel,
    skips: &Skips,
    live: &Live,
    row: &mut (dyn FnMut(usize, &[u8]) + Send),
    told: &mut (dyn FnMut(Position, Position) + Send),
) -> Result<Folded, EngineError> {
    let mut events = eventlog::export(client, model.categories(), 0, live.position).await?;
    let mut parked = live.parked.clone();
    let mut fold = model.fold();
    let mut out = Copies::new(model.tables().len());
    let mut folded = Folded::default();
    while let Some(event) = events.next().await? {
        folded.events += 1;
        if folded.events.is_multiple_of(TAKE_EVENTS) {
            take(&mut out, row);
            told(event.position, live.position);
        }
        let waits = !parked.is_empty() && parked.get(&event.stream).is_some_and(|at| event.version >= *at);
        if waits {
            continue;
        }
        match skips.push(&mut *fold, &event, &mut out) {
            Ok(()) => {}
            Err(error) if error.is_of_the_data() => {
                let EventFacts {
                    stream,
                    version,
                    position,
                    ..
                } = event;
                parked.insert(stream, version);
                folded.refused.push((position, stream));
            }
            Err(error) => return Err(error.into()),
        }
    }
    while fold.finish(&mut out) == More::Yes {
        take(&mut out, row);
    }
    take(&mut out, row);
    told(live.position, live.position);
    Ok(folded)
}

fn take(out: &mut Copies, row: &mut (dyn FnMut(usize, &[u8]) + Send)) {
    for (table, bytes) in out.take(0) {
        for one in copied_rows(&bytes) {
            row(table, one);
        }
    }
}
