//! `GET /api/tickets/{id}/history`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::Moment;
use domain::access::What;
use domain::ids::TicketId;
use domain::ticket::{Audience, disclose};
use eventlog::Version;
use http::Uri;
use projections::history::{Recorded, Stream};
use serde::Deserialize;
use utoipa::IntoParams;
use wire::HistoryStep;

use super::shown::{Names, permitted_to_what_was};
use crate::answer::X_AT_POSITION;
use crate::extract::{Asked, Fields, Id, MinPosition, Query, SignedIn};
use crate::history;
use crate::page::{self, Listed};
use crate::problem::ApiResult;
use crate::state::AppState;

/// Most events on one page.
const STEPS_MAX: usize = 200;
/// A page ends with the event whose texts bring it beyond so many bytes.
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Which events to tell.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    /// Only up to this moment: a position, or an RFC 3339 time.
    #[param(example = "2026-11-24T14:05:00Z")]
    at: Option<String>,
    /// How many at most: 1 to 200, which is what is given unless it is said. A page of long texts may have fewer.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// Where the page begins: from the `Link` of the page before.
    cursor: Option<String>,
}

struct Wanted {
    at: Option<Moment>,
    limit: usize,
    /// The version, as the reader counts, of the last event that was told.
    after: Version,
}

/// Replay a ticket
///
/// What happened to it, the oldest first: who did it, when, by which command, what changed from what to what, and the
/// ticket before and after. Requesters are not told of internal notes, nor is their ticket's version counted with them.
/// Auditors may also replay a ticket that was deleted.
#[utoipa::path(
    get,
    path = "/api/tickets/{id}/history",
    tag = "tickets",
    params(("id" = uuid::Uuid, Path, description = "Which ticket"), HistoryQuery),
    responses(
        (
            status = 200,
            description = "The events",
            body = Vec<HistoryStep>,
            headers(
                ("X-At-Position" = i64, description = "The position up to which is told"),
                ("Link" = String, description = "The next page (`rel=\"next\"`), if there is one"),
            ),
        ),
        (status = 404, description = "`Ticket not found`, or not yours"),
    ),
)]
pub(super) async fn list_ticket_history(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(id): Id<TicketId>,
    asked: Asked,
    _: MinPosition,
    uri: Uri,
    Query(query): Query<HistoryQuery>,
) -> ApiResult<Response> {
    let (_, audience) = permitted_to_what_was(&app, &actor, id).await?;
    let wanted = query.parse()?;
    let until = match wanted.at {
        Some(moment) => app.position_of("at", moment).await?,
        None => app.log.head().await?.position,
    };
    app.accessed(&actor, &asked, What::History, Some(id), uri.query())
        .await?;
    let people = Names(&app.directory);
    // The stream's own version is never less than the reader's.
    let mut stream = Stream::new(&app.log, id, until).after(wanted.after);
    let mut steps: Vec<HistoryStep> = Vec::new();
    let (mut bytes, mut next) = (0, None);
    while let Some(recorded) = stream.next().await? {
        let Some(version) = shown_version(&recorded, audience).filter(|version| *version > wanted.after)
        else {
            continue;
        };
        if steps.len() >= wanted.limit || bytes > PAGE_BYTES_MAX {
            next = Some(version - 1);
            break;
        }
        bytes += weight(&recorded);
        steps.extend(history::step(&recorded, audience, &people));
    }
    let position = [(X_AT_POSITION, until)];
    Ok((position, Listed::new(&uri, steps, next)).into_response())
}

/// The ticket's version after the event, as `audience` counts; none if it may not know of the event.
fn shown_version(recorded: &Recorded, audience: Audience) -> Option<Version> {
    let step = &recorded.step;
    disclose(&step.event, audience)?;
    let shown = step
        .after
        .as_ref()
        .map(|ticket| ticket.version_for(recorded.version, audience));
    Some(shown.unwrap_or(recorded.version))
}

/// About how many bytes of text a step has.
fn weight(recorded: &Recorded) -> usize {
    let step = &recorded.step;
    let states = [&step.before, &step.after].into_iter().flatten();
    let states: usize = states.map(|ticket| ticket.description.as_str().len()).sum();
    let changes: usize = step
        .changes
        .iter()
        .flat_map(|change| [&change.from, &change.to])
        .flatten()
        .map(|value| match value {
            domain::ticket::Value::Text(text) => text.len(),
            domain::ticket::Value::Comment(comment) => comment.body.as_str().len(),
            _ => 0,
        })
        .sum();
    states + changes
}

impl HistoryQuery {
    fn parse(self) -> ApiResult<Wanted> {
        let mut fields = Fields::default();
        let at = fields.optional("at", self.at.as_deref());
        let limit = page::limit(&mut fields, self.limit.as_deref(), STEPS_MAX);
        let after = page::cursor(&mut fields, self.cursor.as_deref(), |version: &Version| {
            *version >= 0
        });
        let after = after.unwrap_or(0);
        fields.done(Some(Wanted { at, limit, after }))
    }
}
