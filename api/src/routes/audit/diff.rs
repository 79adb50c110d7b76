//! `GET /api/audit/diff`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::access::What;
use domain::policy::Action;
use eventlog::Position;
use http::Uri;
use projections::history::{DIFFERENCES_LIMIT_MAX, differences};
use serde::Deserialize;
use utoipa::IntoParams;
use wire::TicketDifference;

use crate::extract::{Asked, Fields, MinPosition, Query, SignedIn};
use crate::history;
use crate::page::{self, Listed};
use crate::problem::{self, ApiResult, permit_general};
use crate::routes::between::{BetweenQuery, positions};
use crate::routes::names::Names;
use crate::state::AppState;

/// Between which moments, and which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeskQuery {
    /// The earlier moment: a position, or an RFC 3339 time. The beginning of the log, if it is left out.
    #[param(example = "2026-11-24T14:05:00Z")]
    from: Option<String>,
    /// The later moment; now, if it is left out.
    #[param(example = "2026-11-24T18:00:00Z")]
    to: Option<String>,
    /// How many tickets at most: 1 to 200, which is what is given unless it is said.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// Where the page begins: from the `Link` of the page before.
    cursor: Option<String>,
}

/// Compare the desk at two moments
///
/// Every ticket of which something happened in between, in the order in which it first did: whether it was added, changed
/// or removed, which of its fields differ, and how many comments and files were added. For auditors.
#[utoipa::path(
    get,
    path = "/api/audit/diff",
    tag = "audit",
    params(DeskQuery),
    responses(
        (
            status = 200,
            description = "The tickets",
            body = Vec<TicketDifference>,
            headers(
                ("X-From-Position" = i64, description = "The position of the earlier moment"),
                ("X-To-Position" = i64, description = "The position of the later moment"),
                ("Link" = String, description = "The next page (`rel=\"next\"`), if there is one"),
            ),
        ),
    ),
)]
pub(super) async fn diff_desk(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    asked: Asked,
    _: MinPosition,
    uri: Uri,
    Query(query): Query<DeskQuery>,
) -> ApiResult<Response> {
    permit_general(&actor, Action::Audit)?;
    let (limit, after) = query.page()?;
    let moments = BetweenQuery {
        from: query.from,
        to: query.to,
    };
    let (from, to) = moments.parse(&app).await?;
    app.accessed(&actor, &asked, What::Difference, None, uri.query())
        .await?;
    app.remembered(to).await?;
    let found = app.read(differences(&app.pool, (from, to), after, limit)).await?;
    let people = Names(&app.directory);
    let told = found
        .tickets
        .iter()
        .map(|difference| history::of_desk(difference, &people));
    // What the moments were turned into holds for the next pages too.
    let pinned = page::with(&uri, &[("from", from), ("to", to)]);
    let pinned = pinned.map_err(|error| problem::fault(&error))?;
    let listed = Listed::new(&pinned, told.collect(), found.next);
    Ok((positions(from, to), listed).into_response())
}

impl DeskQuery {
    fn page(&self) -> ApiResult<(usize, Option<Position>)> {
        let mut fields = Fields::default();
        let limit = page::limit(&mut fields, self.limit.as_deref(), DIFFERENCES_LIMIT_MAX);
        let after = page::cursor(&mut fields, self.cursor.as_deref(), |position: &Position| {
            *position > 0
        });
        fields.done(Some((limit, after)))
    }
}
