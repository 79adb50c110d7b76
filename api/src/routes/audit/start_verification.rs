//! `POST /api/audit/verification`

use axum::extract::State;
use domain::access::What;
use domain::policy::Action;
use eventlog::Position;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::{Asked, Json, SignedIn};
use crate::problem::{self, ApiResult, permit_general};
use crate::state::AppState;
use crate::verification::{KeptHead, Name, Plan};

/// Most heads that somebody kept in one wish.
const HEADS_MAX: usize = 100;

/// What to verify; everything, unless it says otherwise.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct VerificationWish {
    /// Take events up to this position as given.
    #[serde(default)]
    #[schema(minimum = 0, example = 0)]
    since: Position,
    /// Signed heads that somebody kept: notes, whole.
    #[serde(default)]
    #[schema(max_items = 100)]
    heads: Vec<String>,
    /// Do not read the bytes of attachments; the report says so.
    #[serde(default)]
    skip_attachments: bool,
}

/// Begin to verify the record
///
/// The chain, the versions of streams, checkpoints, every read model against a fresh fold, signed heads and
/// attachments; beside live traffic, one verification at a time. `GET` of the same path tells how far it is and what it
/// came to. That somebody verified is recorded. For auditors.
#[utoipa::path(
    post,
    path = "/api/audit/verification",
    tag = "audit",
    request_body = VerificationWish,
    responses(
        (status = 202, description = "It has begun"),
        (status = 409, description = "One is going on already"),
    ),
)]
pub(super) async fn start_verification(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    asked: Asked,
    wish: Json<VerificationWish>,
) -> ApiResult<StatusCode> {
    permit_general(&actor, Action::Audit)?;
    let plan = wish.input.plan()?;
    let running = app
        .verifications
        .begin()
        .map_err(|busy| problem::conflict(busy.to_string()))?;
    let detail = format!("since {}", plan.since);
    app.accessed(&actor, &asked, What::Verification, None, Some(&detail))
        .await?;
    let verifier = app.verifier.clone();
    // Not among the tasks that the way out waits for: it is dropped with the program, and nothing is lost.
    tokio::spawn(async move {
        let report = verifier.verify(&plan, &mut |progress| running.at(progress)).await;
        if let Ok(report) = &report {
            tracing::info!(
                outcome = ?report.outcome,
                findings = report.findings(),
                event.position = report.head,
                "verified the record"
            );
        }
        running.ended(report.map_err(|error| error.to_string()));
    });
    Ok(StatusCode::ACCEPTED)
}

impl VerificationWish {
    fn plan(self) -> ApiResult<Plan> {
        if self.since < 0 {
            return Err(problem::invalid("since", "must be 0 or more"));
        }
        if self.heads.len() > HEADS_MAX {
            return Err(problem::invalid("heads", format!("must be at most {HEADS_MAX}")));
        }
        let heads = self.heads.into_iter().zip(1..);
        Ok(Plan {
            since: self.since,
            heads: heads
                .map(|(note, number): (String, u32)| KeptHead {
                    place: format!("the request, number {number}"),
                    note,
                })
                .collect(),
            skip: self
                .skip_attachments
                .then_some(Name::Attachments)
                .into_iter()
                .collect(),
        })
    }
}
