//! `GET /ready`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use projections::engine::{State as ProjectorState, Status, StoredStatus};
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::{AppState, READ_WAIT, TODAY};

/// Whether requests should be sent here, and if not, why not.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Readiness {
    /// `ready` or `not ready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// Why it is not ready, in words; empty if it is.
    reasons: Vec<String>,
    /// Every read model.
    projections: Vec<ReadModel>,
}

/// How far a read model is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReadModel {
    /// Which one.
    #[schema(example = "tickets")]
    name: &'static str,
    /// The last position that it has applied.
    #[schema(example = 1234)]
    position: i64,
    /// How many positions it is behind the log.
    #[schema(example = 0)]
    lag: i64,
    /// Streams that wait because one of their events could not be applied.
    #[schema(example = 0)]
    parked: usize,
    /// How it is in all, as `GET /api/ops/projections` says; null while the database does not answer.
    #[schema(example = "well")]
    health: Option<&'static str>,
}

/// Whether requests should be sent here
///
/// Ready means: the database answers, every read model that shows what is is being brought up to date, wherever that is
/// done, and is nearly there. A parked stream alone does not make it unready: all others go on. Nor does a read model of
/// what was: who asks for that before it is there is told so, and all others are answered.
#[utoipa::path(
    get,
    path = "/ready",
    tag = "operations",
    security(()),
    responses(
        (status = 200, description = "Ready", body = Readiness),
        (status = 503, description = "Not ready, with the reasons", body = Readiness),
    ),
)]
pub(super) async fn get_ready(State(app): State<AppState>) -> Response {
    let models = app.projections.status();
    let mut reasons: Vec<_> = models
        .iter()
        .filter_map(|model| reason(model, app.settings.lag_max))
        .collect();
    let stored = tokio::time::timeout(READ_WAIT, app.projections.engine().status()).await;
    let stored = stored.ok().and_then(Result::ok).unwrap_or_else(|| {
        reasons.insert(0, "the database does not answer".to_owned());
        Vec::new()
    });
    let red = |status: &&StoredStatus| TODAY.contains(&&*status.name) && status.health.is_red();
    for status in stored.iter().filter(red) {
        let reason = format!("read model {} is {}", status.name, status.health);
        reasons.push(reason);
    }
    let (code, status) = if reasons.is_empty() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    };
    let projections = models.iter().map(|model| ReadModel::of(model, &stored)).collect();
    let body = Json(Readiness {
        status,
        reasons,
        projections,
    });
    (code, body).into_response()
}

/// What keeps a read model of what is from being shown, if anything.
fn reason(model: &Status, lag_max: i64) -> Option<String> {
    let name = model.name;
    if !TODAY.contains(&name) {
        return None;
    }
    match model.state {
        ProjectorState::Failed => Some(format!("read model {name} failed and will be tried again")),
        ProjectorState::Stopped => Some(format!("read model {name} is stopped")),
        ProjectorState::Starting
        | ProjectorState::Running
        | ProjectorState::StandingBy
        | ProjectorState::Rebuilding => {
            (model.lag > lag_max).then(|| format!("read model {name} is {} positions behind", model.lag))
        }
    }
}

impl ReadModel {
    /// What this node knows, and what the database says if it answers.
    fn of(model: &Status, stored: &[StoredStatus]) -> Self {
        let stored = stored.iter().find(|status| status.name == model.name);
        Self {
            name: model.name,
            position: model.position,
            lag: model.lag,
            parked: stored.map_or(model.parked, |status| status.parked.len()),
            health: stored.map(|status| status.health.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(state: ProjectorState, lag: i64) -> Status {
        Status {
            name: "tickets",
            state,
            generation: 1,
            position: 10,
            head: 10 + lag,
            lag,
            owner: None,
            parked: 1,
            last_error: None,
            events_per_second: 0.0,
        }
    }

    #[test]
    fn a_failed_stopped_or_far_behind_read_model_is_not_ready_a_parked_stream_is() {
        assert_eq!(reason(&model(ProjectorState::Running, 100), 100), None);
        assert_eq!(reason(&model(ProjectorState::StandingBy, 0), 100), None);
        assert!(reason(&model(ProjectorState::Running, 101), 100).is_some());
        assert!(reason(&model(ProjectorState::Failed, 0), 100).is_some());
        assert!(reason(&model(ProjectorState::Stopped, 0), 100).is_some());
        let past = Status {
            name: "history",
            ..model(ProjectorState::Rebuilding, 1_000_000)
        };
        assert_eq!(reason(&past, 100), None, "who asks for what was waits alone");
    }
}
