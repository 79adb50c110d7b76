//! Keeps the relay going, and follows the ends of sessions.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use eventlog::{Position, ReadError};
use futures::StreamExt;
use tokio::task::JoinError;
use tokio::time::{Instant, sleep};

use crate::authenticate::{Revocation, SessionKey, Unavailable};
use crate::client::Client;
use crate::error::RealtimeError;
use crate::passed::Witness;
use crate::relay::relay;
use crate::shared::{Parked, Shared};
use crate::turn::TURN_EVENTS;

/// How long the relay rests after a failure, at first and at most.
const REST_MIN: Duration = Duration::from_millis(50);
const REST_MAX: Duration = Duration::from_secs(2);
/// Failures at one event that are no passing ones, before its stream is parked.
const ATTEMPTS_MAX: u32 = 3;
/// How long to rest when sessions cannot be asked after though the news of an end may have been missed.
const RECHECK_REST: Duration = Duration::from_millis(250);
/// How often what is left over from broken connections is tidied away.
const TIDY_INTERVAL: Duration = Duration::from_secs(5);

/// Runs the relay until realtime stops; starts it over, after a rest, when it fails or panics.
///
/// While the log cannot be read it is tried for ever. An event that cannot be relayed itself must not keep all later
/// ones back: its stream is parked, and clients are told that they miss something.
pub(crate) async fn supervise(shared: Arc<Shared>) {
    let mut rest = REST_MIN;
    let mut attempts = (0, 0);
    let mut one_by_one_upto = 0;
    loop {
        let from = *shared.relayed.borrow();
        let mut run = tokio::spawn(relay(Arc::clone(&shared), one_by_one_upto));
        let ended = tokio::select! {
            () = shared.stop.cancelled() => {
                run.abort();
                return;
            }
            ended = &mut run => ended,
        };
        if matches!(ended, Ok(Err(RealtimeError::Read(ReadError::Closed)))) {
            return;
        }
        shared.restarts.fetch_add(1, Ordering::Relaxed);
        let relayed = *shared.relayed.borrow();
        one_by_one_upto = relayed + Position::from(TURN_EVENTS);
        if relayed > from {
            rest = REST_MIN;
        }
        if is_passing(&ended, relayed) {
            attempts = (relayed, 0);
        } else {
            attempts = (relayed, if attempts.0 == relayed { attempts.1 + 1 } else { 1 });
            if attempts.1 >= ATTEMPTS_MAX {
                park(&shared, relayed + 1).await;
            }
        }
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = sleep(rest) => rest = (rest * 2).min(REST_MAX),
        }
    }
}

fn is_passing(ended: &Result<Result<(), RealtimeError>, JoinError>, relayed: Position) -> bool {
    match ended {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            let source = std::error::Error::source(error).map(ToString::to_string);
            tracing::error!(
                %error,
                source,
                event.position = relayed + 1,
                "[Socket.IO] The relay failed and starts over"
            );
            error.is_passing()
        }
        Err(_) => {
            tracing::error!(
                event.position = relayed + 1,
                "[Socket.IO] The relay panicked and starts over"
            );
            false
        }
    }
}

/// Gives up on the stream of the event at `position`: from there on, whoever could have seen it is told that he misses
/// something.
async fn park(shared: &Arc<Shared>, position: Position) {
    // If it cannot be read, the relay will fail again, and this be tried again.
    let Ok(events) = shared.log.read_all(position - 1, 1).await else {
        return;
    };
    let Some(event) = events.first().filter(|event| event.position == position) else {
        return;
    };
    let Ok(first) = shared.log.read_stream(&event.stream, 0, 1).await else {
        return;
    };
    let witness = first.first().and_then(Witness::of).unwrap_or(Witness::Anybody);
    let parked = Parked {
        since: position,
        witness,
    };
    shared.parked.lock().insert(event.stream.id, parked);
    tracing::error!(
        event.position = position,
        stream = %event.stream,
        "[Socket.IO] An event cannot be relayed: its stream is parked, and whoever could have seen it is told so"
    );
}

/// Disconnects the clients of sessions that end, until realtime stops.
pub(crate) async fn follow_revocations(shared: Arc<Shared>) {
    let mut revocations = shared.authenticator.revocations();
    let mut is_owed = false;
    loop {
        let revocation = tokio::select! {
            () = shared.stop.cancelled() => return,
            revocation = revocations.next() => revocation,
            () = sleep(RECHECK_REST), if is_owed => Some(Revocation::Missed),
        };
        let Some(revocation) = revocation else { return };
        shared.revocations.fetch_add(1, Ordering::SeqCst);
        if revocation == Revocation::Missed {
            is_owed = recheck(&shared).await.is_err();
            continue;
        }
        for client in shared.registry.everybody().iter() {
            if client.grant.is_some_and(|grant| revocation.ends(&grant)) {
                shared.dismiss(client);
            }
        }
    }
}

/// Asks after all sessions now and then, and tidies up, until realtime stops.
pub(crate) async fn tidy(shared: Arc<Shared>) {
    let mut checked = Instant::now();
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = sleep(TIDY_INTERVAL.min(shared.options.recheck_interval)) => {}
        }
        shared.registry.forget_ended();
        shared.door.forget_idle(Instant::now());
        shared.lists.tidy();
        forget_unconnected(&shared);
        if checked.elapsed() >= shared.options.recheck_interval {
            checked = Instant::now();
            // If it cannot be told, the next round tells it.
            recheck(&shared).await.ok();
        }
    }
}

/// A connection that breaks just while its client is let in leaves the client behind: no handler is called for it.
fn forget_unconnected(shared: &Shared) {
    let limit = shared.options.connect_timeout + shared.options.patience;
    for client in shared.registry.everybody().iter() {
        if client.since.elapsed() > limit && client.is_connecting() {
            shared.registry.remove(client);
        }
    }
}

/// Disconnects the clients whose sessions have ended without our hearing of it.
async fn recheck(shared: &Arc<Shared>) -> Result<(), Unavailable> {
    let everybody = shared.registry.everybody();
    let session = |client: &Arc<Client>| client.grant.map(|grant| grant.session);
    let sessions: Vec<SessionKey> = everybody.iter().filter_map(session).collect();
    if sessions.is_empty() {
        return Ok(());
    }
    let living = shared.authenticator.living(&sessions).await?;
    for client in everybody.iter() {
        if session(client).is_some_and(|session| !living.contains(&session)) {
            shared.dismiss(client);
        }
    }
    Ok(())
}
