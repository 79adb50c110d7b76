//! `GET /api/audit/heads`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;
use domain::time::Timestamp;
use eventlog::Position;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::head::Head;
use crate::extract::{Fields, Query, SignedIn};
use crate::page;
use crate::problem::{ApiResult, away, permit_general};
use crate::state::{AppState, READ_WAIT};

/// Most heads on a page.
const PAGE_MAX: usize = 500;

/// Which heads.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HeadsQuery {
    /// Only heads before this position: that of the last one on the page before.
    #[param(value_type = Option<i64>)]
    before: Option<String>,
    /// How many at most: 1 to 500, which is what is given unless it is said.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
}

/// Signed heads, and how signing and publishing are going.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Heads {
    /// The key that this program signs with, as it is handed on: `name+id+key`.
    key: String,
    /// The newest first.
    heads: Vec<Head>,
    /// What went wrong when a head was to be signed last; null if nothing did.
    last_error: Option<String>,
    /// Where heads are published, as this program knows.
    publications: Vec<Publication>,
}

/// What became of heads at a place where they are published.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Publication {
    /// Where; an address without what may be secret in it.
    place: String,
    /// The last head that arrived there.
    position: Option<Position>,
    /// When it did.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// What went wrong last; null if nothing did since.
    last_error: Option<String>,
}

/// List signed heads
///
/// The newest first, with how signing and publishing are going. For operators, admins and auditors: there are no
/// contents in them.
#[utoipa::path(
    get,
    path = "/api/audit/heads",
    tag = "audit",
    params(HeadsQuery),
    responses((status = 200, description = "The heads", body = Heads)),
)]
pub(super) async fn list_heads(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Query(query): Query<HeadsQuery>,
) -> ApiResult<Json<Heads>> {
    permit_general(&actor, Action::ReadOperations)?;
    let mut fields = Fields::default();
    let before = query.before.as_deref().and_then(|text| {
        fields.checked::<Position, _>("before", text.parse().map_err(|_| "must be a position"))
    });
    let limit = page::limit(&mut fields, query.limit.as_deref(), PAGE_MAX);
    let (before, limit) = fields.done(Some((before, limit)))?;
    let read = app
        .log
        .signed_heads_before(before.unwrap_or(Position::MAX), limit);
    let heads = tokio::time::timeout(READ_WAIT, read).await;
    let heads = heads.map_err(|late| away(&late))?.map_err(|error| away(&error))?;
    let state = app.heads.state();
    let publications = state.publications.into_iter();
    Ok(Json(Heads {
        key: app.heads.key().to_string(),
        heads: heads.into_iter().map(Head::from).collect(),
        last_error: state.last_error,
        publications: publications
            .map(|(place, publication)| Publication {
                place,
                position: publication.position,
                at: publication.at,
                last_error: publication.last_error,
            })
            .collect(),
    }))
}
