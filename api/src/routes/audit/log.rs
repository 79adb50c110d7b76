//! `GET /api/audit/log`

use audit::line::EventLine;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::access::What;
use domain::policy::Action;
use eventlog::{Position, ReadError, Reader, WholeEvents};
use futures::stream;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use serde::Deserialize;
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::{IntoParams, ToSchema};

use crate::answer::X_POSITION;
use crate::extract::{Asked, Fields, Query, SignedIn};
use crate::problem::{ApiResult, permit_general, unavailable};
use crate::state::AppState;

/// Exports at a time: each has a connection to the database of its own.
static AT_ONCE: Semaphore = Semaphore::const_new(2);
/// Bytes that are sent at once, or a little more.
const CHUNK_BYTES: usize = 64 * 1024;

const JSON_LINES: HeaderValue = HeaderValue::from_static("application/jsonl");

/// Where to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LogQuery {
    /// The first position; the whole log unless it is said.
    #[param(value_type = Option<i64>, minimum = 1)]
    from: Option<String>,
}

/// Lines of JSON, an event each.
#[derive(ToSchema)]
#[schema(value_type = String)]
#[expect(dead_code, reason = "describes what is streamed")]
pub(super) struct Lines(String);

/// Export the log
///
/// Every event up to now as a line of JSON, as it was hashed; `informejo audit log import` makes a log of them. It is the
/// whole of it only if its last line has the position that `X-Position` says. For auditors.
#[utoipa::path(
    get,
    path = "/api/audit/log",
    tag = "audit",
    params(LogQuery),
    responses((
        status = 200,
        description = "The events",
        body = Lines,
        content_type = "application/jsonl",
        headers(("X-Position" = i64, description = "The last event's position")),
    )),
)]
pub(super) async fn export_log(
    State(app): State<AppState>,
    SignedIn { actor, .. }: SignedIn,
    asked: Asked,
    Query(query): Query<LogQuery>,
) -> ApiResult<Response> {
    permit_general(&actor, Action::Audit)?;
    let from = query.parse()?;
    let turn = AT_ONCE
        .try_acquire()
        .map_err(|_| unavailable("others are exporting the log"))?;
    let detail = format!("from position {from}");
    app.accessed(&actor, &asked, What::Log, None, Some(&detail))
        .await?;
    let until = app.log.head().await?.position;
    let reader = Reader::connect(&app.database).await?;
    let lines = Export {
        events: WholeEvents::new(reader, from - 1, until),
        _turn: turn,
    };
    let chunks = stream::try_unfold(lines, async |mut lines| {
        let chunk = lines.chunk().await;
        if let Err(error) = &chunk {
            tracing::error!(error = error as &dyn std::error::Error, "an export broke off");
        }
        Ok::<_, ReadError>(chunk?.map(|chunk| (chunk, lines)))
    });
    let headers = [
        (CONTENT_TYPE, JSON_LINES),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (X_POSITION, until.into()),
    ];
    Ok((headers, Body::from_stream(chunks)).into_response())
}

impl LogQuery {
    fn parse(self) -> ApiResult<Position> {
        let mut fields = Fields::default();
        let from = self.from.as_deref().unwrap_or("1");
        let from = fields.checked("from", position(from));
        fields.done(from)
    }
}

fn position(text: &str) -> Result<Position, &'static str> {
    match text.parse() {
        Ok(position) if position >= 1 => Ok(position),
        _ => Err("must be a position, from 1 on"),
    }
}

/// An export under way.
struct Export {
    events: WholeEvents,
    _turn: SemaphorePermit<'static>,
}

impl Export {
    /// The next lines, or `None` after the last one.
    async fn chunk(&mut self) -> Result<Option<Bytes>, ReadError> {
        let mut chunk = Vec::new();
        while chunk.len() < CHUNK_BYTES
            && let Some(event) = self.events.next().await?
        {
            let damaged = ReadError::Damaged {
                position: event.position,
            };
            let line = EventLine::of(&event).ok_or(damaged)?;
            serde_json::to_writer(&mut chunk, &line)
                .map_err(|error| ReadError::Unavailable(Box::new(error)))?;
            chunk.push(b'\n');
        }
        Ok((!chunk.is_empty()).then(|| chunk.into()))
    }
}
