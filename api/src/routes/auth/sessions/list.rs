//! `GET /api/auth/sessions`

use axum::Json;
use axum::extract::State;
use domain::Timestamp;
use domain::policy::Action;
use identity::{OwnSession, SessionId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::InSession;
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// One of one's own sessions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionShown {
    /// Its name. It opens nothing.
    #[schema(example = "5c2f…64 hexadecimal digits")]
    id: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    /// When it ends at the latest.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whether it is the one that asks.
    current: bool,
    /// What the browser or program called itself when it began.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")]
    user_agent: Option<String>,
    /// The address that it was begun from.
    #[schema(example = "192.0.2.7")]
    address: Option<String>,
}

/// Where one is signed in
///
/// The sessions of one's own account that have not ended, the last used first.
#[utoipa::path(
    get,
    path = "/api/auth/sessions",
    tag = "accounts",
    responses(
        (status = 200, description = "One's sessions", body = Vec<SessionShown>),
        (status = 403, description = "Asked with an API token"),
    ),
)]
pub(super) async fn list_sessions(
    State(app): State<AppState>,
    InSession {
        actor,
        account,
        session,
    }: InSession,
) -> ApiResult<Json<Vec<SessionShown>>> {
    permit_general(&actor, Action::ReadOwnAccount)?;
    let sessions = app.identity.sessions.list(account.id).await?;
    let shown = sessions.into_iter().map(|own| SessionShown::of(own, session.id));
    Ok(Json(shown.collect()))
}

impl SessionShown {
    fn of(own: OwnSession, current: SessionId) -> Self {
        let OwnSession { session, browser } = own;
        Self {
            id: hex::encode(session.id.to_bytes()),
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            current: session.id == current,
            user_agent: browser.user_agent().map(str::to_owned),
            address: browser.address().map(|address| address.to_string()),
        }
    }
}
