//! Room `operators`: how the read models and the broadcasts are doing, for whoever may know.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use projections::Projections;
use projections::engine::{Health, State, Status, StoredStatus};
use socketioxide::socket::Sid;
use tokio::time::{Instant, sleep, timeout};
use wire::live::{OperationsChanged, ProjectionStatus, RelayStatus, event};

use crate::client::Delivery;
use crate::frame::Frame;
use crate::registry::may_operate;
use crate::shared::Shared;

/// Shortest time between two frames, and how long whoever enters waits for the first.
const EVERY: Duration = Duration::from_secs(1);
/// Shortest time between two frames that tell of nothing but the usual progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(15);
/// How long the database may take to tell; after that, what this program knows is told.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(2);

/// Whoever knows how the read models are doing.
pub trait Operations: Send + Sync + 'static {
    /// How each of them is doing.
    fn read_models(&self) -> BoxFuture<'_, Vec<ReadModel>>;
}

/// How a read model is doing, as operators are told.
pub type ReadModel = ProjectionStatus;

impl Operations for Projections {
    /// From the database, which knows it of all programs; while that is away, what this program knows.
    fn read_models(&self) -> BoxFuture<'_, Vec<ReadModel>> {
        async move {
            match timeout(ANSWER_TIME_MAX, self.engine().status()).await {
                Ok(Ok(stored)) => stored.into_iter().map(from_database).collect(),
                Ok(Err(_)) | Err(_) => self.status().iter().map(from_memory).collect(),
            }
        }
        .boxed()
    }
}

const RUNNING: &str = "running";
const CATCHING_UP: &str = "catching-up";
const STUCK: &str = "stuck";
const DEAD: &str = "dead";

fn from_database(status: StoredStatus) -> ReadModel {
    let state = match status.health {
        Health::Well => RUNNING,
        Health::Behind | Health::Building => CATCHING_UP,
        Health::Parked | Health::Failing => STUCK,
        Health::Dead => DEAD,
    };
    ReadModel {
        name: status.name,
        state: state.to_owned(),
        position: status.position,
        lag: status.lag,
        parked: status.parked.len().try_into().unwrap_or(u64::MAX),
    }
}

fn from_memory(status: &Status) -> ReadModel {
    let state = match status.state {
        State::Running | State::StandingBy if status.parked > 0 => STUCK,
        State::Running | State::StandingBy => RUNNING,
        State::Starting | State::Rebuilding => CATCHING_UP,
        State::Failed => STUCK,
        State::Stopped => DEAD,
    };
    ReadModel {
        name: status.name.to_owned(),
        state: state.to_owned(),
        position: status.position,
        lag: status.lag,
        parked: status.parked.try_into().unwrap_or(u64::MAX),
    }
}

/// Whether `now` tells of more than the usual progress, or of progress that somebody may be waiting for.
fn is_news(before: &OperationsChanged, now: &OperationsChanged) -> bool {
    let all_run = now.projections.iter().all(|model| model.state == RUNNING);
    let essence = |told: &OperationsChanged| {
        let mut told = told.clone();
        told.relay.position = 0;
        if all_run {
            for model in &mut told.projections {
                (model.position, model.lag) = (0, 0);
            }
        }
        told
    };
    essence(before) != essence(now)
}

/// What was told last.
struct Told {
    what: OperationsChanged,
    frame: Arc<Frame>,
    at: Instant,
    to: HashSet<Sid>,
}

/// Tells operators, until realtime stops: each once when they enter, then all when something has changed.
pub(crate) async fn follow(shared: Arc<Shared>) {
    let mut told: Option<Told> = None;
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = sleep(EVERY) => {}
        }
        tell(&shared, &mut told).await;
    }
}

async fn tell(shared: &Shared, told: &mut Option<Told>) {
    if shared.registry.operators().is_empty() {
        *told = None;
        return;
    }
    let now = look(shared).await;
    let is_due = told.as_ref().is_none_or(|told| {
        is_news(&told.what, &now) || (told.what != now && told.at.elapsed() >= PROGRESS_EVERY)
    });
    if is_due {
        let Some(frame) = Frame::plain(event::OPERATIONS_CHANGED, &now) else {
            return;
        };
        *told = Some(Told {
            what: now,
            frame,
            at: Instant::now(),
            to: HashSet::new(),
        });
    }
    let Some(told) = told else { return };
    let operators = shared.registry.operators();
    let there: HashSet<Sid> = operators.iter().map(|client| client.id).collect();
    told.to.retain(|told| there.contains(told));
    let mut sent = 0;
    for client in &operators {
        if told.to.contains(&client.id) {
            continue;
        }
        match client.signal(&told.frame, may_operate) {
            Delivery::Sent => {
                told.to.insert(client.id);
                sent += 1;
            }
            Delivery::NotForIt | Delivery::Behind => {}
            Delivery::Full => shared.registry.cut(client, "it does not read"),
            Delivery::Closed => {
                shared.registry.remove(client);
            }
        }
    }
    shared.registry.count_signals(sent);
}

async fn look(shared: &Shared) -> OperationsChanged {
    let projections = match &shared.options.operations {
        Some(operations) => operations.read_models().await,
        None => Vec::new(),
    };
    let stats = shared.stats();
    OperationsChanged {
        projections,
        relay: RelayStatus {
            position: stats.relayed,
            parked: stats.parked.try_into().unwrap_or(u64::MAX),
            restarts: stats.restarts,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(state: &str, position: i64, restarts: u64) -> OperationsChanged {
        OperationsChanged {
            projections: vec![ReadModel {
                name: "tickets".to_owned(),
                state: state.to_owned(),
                position,
                lag: 0,
                parked: 0,
            }],
            relay: RelayStatus {
                position,
                parked: 0,
                restarts,
            },
        }
    }

    #[test]
    fn the_usual_progress_is_no_news_and_all_else_is() {
        let before = status(RUNNING, 1, 0);
        assert!(!is_news(&before, &status(RUNNING, 2, 0)));
        assert!(is_news(&before, &status(RUNNING, 2, 1)));
        assert!(is_news(&before, &status(STUCK, 1, 0)));
        assert!(is_news(&status(CATCHING_UP, 1, 0), &status(CATCHING_UP, 2, 0)));
        assert!(!is_news(&before, &before));
    }
}
