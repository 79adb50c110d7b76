//! Signed heads while the program runs: one every few minutes while the log moves, and on to where others keep them.

mod publish;

use std::time::Duration;

use api::heads::{Heads, HeadsError};
use eventlog::Position;

use crate::config::Place;
use publish::Publisher;

/// The first head of a run is signed after this time, if not earlier: whoever starts the program often gets heads too.
const FIRST_AFTER: Duration = Duration::from_secs(10);
/// How long a place that did not take a head is left alone: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(5));

/// Signs a head again and again. What goes wrong is logged, and tried again next time.
pub(crate) async fn keep_signing(heads: Heads, interval: Duration) {
    let mut pause = interval.min(FIRST_AFTER);
    loop {
        tokio::time::sleep(pause).await;
        pause = interval;
        match heads.sign().await {
            Ok(signed) if signed.new => {
                tracing::info!(
                    event.position = signed.head.position,
                    "signed the head of the log"
                );
            }
            Ok(_) | Err(HeadsError::Empty | HeadsError::Busy) => {}
            Err(error @ HeadsError::Damaged { .. }) => {
                tracing::error!(%error, "the log is not what it was: informejo audit verify");
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "failed to sign the head of the log");
            }
        }
    }
}

/// Brings the newest head to one place, whenever there is a new one: of this program, or, seen a little later, of
/// another.
pub(crate) async fn keep_publishing(heads: Heads, place: Place, interval: Duration) {
    let named = place.to_string();
    let publisher = match Publisher::to(place) {
        Ok(publisher) => publisher,
        Err(error) => {
            tracing::error!(place = named, error, "signed heads cannot be published");
            return heads.not_published(&named, &error);
        }
    };
    let mut signed = heads.watch();
    let mut arrived: Position = 0;
    let mut pause = RETRY.0;
    loop {
        let wait = match publish(&heads, &publisher, &mut arrived).await {
            Ok(()) => {
                pause = RETRY.0;
                interval
            }
            Err(error) => {
                tracing::warn!(
                    place = named,
                    error,
                    "a signed head did not arrive where it is published"
                );
                heads.not_published(&named, &error);
                let wait = pause;
                pause = (pause * 2).min(RETRY.1);
                wait
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            // The sender lives as long as `heads`.
            _ = signed.changed() => {}
        }
    }
}

async fn publish(heads: &Heads, publisher: &Publisher, arrived: &mut Position) -> Result<(), String> {
    let newest = heads.log().signed_heads_before(Position::MAX, 1).await;
    let newest = newest.map_err(|error| error.to_string())?;
    let Some(head) = newest.first().filter(|head| head.position > *arrived) else {
        return Ok(());
    };
    publisher.publish(head.position, &head.note).await?;
    *arrived = head.position;
    heads.published(&publisher.place().to_string(), head.position);
    Ok(())
}
