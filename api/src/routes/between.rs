//! Two moments in a query: what differs between them is asked for.

use axum::response::AppendHeaders;
use domain::Moment;
use eventlog::Position;
use http::HeaderName;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer::{X_FROM_POSITION, X_TO_POSITION};
use crate::extract::Fields;
use crate::problem::{self, ApiResult};
use crate::state::AppState;

/// Between which moments.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct BetweenQuery {
    /// The earlier moment: a position, or an RFC 3339 time. The beginning of the log, if it is left out.
    #[param(example = "2026-11-24T14:05:00Z")]
    pub(super) from: Option<String>,
    /// The later moment; now, if it is left out.
    #[param(example = "2026-11-24T18:00:00Z")]
    pub(super) to: Option<String>,
}

impl BetweenQuery {
    /// The positions of both.
    pub(super) async fn parse(&self, app: &AppState) -> ApiResult<(Position, Position)> {
        let mut fields = Fields::default();
        let from = fields.optional::<Moment>("from", self.from.as_deref());
        let to = fields.optional::<Moment>("to", self.to.as_deref());
        fields.done(Some(()))?;
        let from = match from {
            Some(from) => app.position_of("from", from).await?,
            None => 0,
        };
        let to = match to {
            Some(to) => app.position_of("to", to).await?,
            None => app.log.head().await?.position,
        };
        if from > to {
            return Err(problem::invalid("from", "must not be later than to"));
        }
        Ok((from, to))
    }
}

/// The headers that say which positions the moments are.
pub(super) fn positions(from: Position, to: Position) -> AppendHeaders<[(HeaderName, Position); 2]> {
    AppendHeaders([(X_FROM_POSITION, from), (X_TO_POSITION, to)])
}
