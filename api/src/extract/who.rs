//! Who asks.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use domain::ids::AccountId;
use domain::{Account, Actor};
use http::request::Parts;
use identity::Session;
use realtime::connection::ConnectionHandle;

use super::cookies::{SessionCookie, session_token};
use crate::middleware::RequestLog;
use crate::problem::{ApiError, ApiResult, load, unauthorized};
use crate::state::AppState;

/// Whoever asks, with the role that they have now: an account, or nobody that is known. Never refuses anybody, but answers
/// 503 if sessions cannot be looked up.
#[derive(Clone, Copy, Debug)]
pub struct CurrentActor(pub Actor);

/// Somebody who is signed in; others get 401. Whoever is deactivated is nobody at once.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// As an actor.
    pub actor: Actor,
    /// Their account.
    pub account: Arc<Account>,
    /// The session by which they are recognised.
    pub session: Session,
}

impl FromRequestParts<AppState> for CurrentActor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> ApiResult<Self> {
        let found = signed_in(parts, app).await?;
        Ok(Self(found.map_or(Actor::Anonymous, |signed_in| signed_in.actor)))
    }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> ApiResult<Self> {
        signed_in(parts, app).await?.ok_or_else(unauthorized)
    }
}

async fn signed_in(parts: &Parts, app: &AppState) -> ApiResult<Option<SignedIn>> {
    let form = SessionCookie::of(&app.settings, parts.extensions.get::<ConnectionHandle>());
    let Some(token) = session_token(&parts.headers, form) else {
        return Ok(None);
    };
    let Some(session) = app.identity.sessions.authenticate(token).await? else {
        return Ok(None);
    };
    let account = account(app, session.account_id).await?;
    let Some(account) = account.filter(|account| account.active) else {
        return Ok(None);
    };
    if let Some(log) = parts.extensions.get::<RequestLog>() {
        log.account(account.id);
    }
    Ok(Some(SignedIn {
        actor: account.actor(),
        account,
        session,
    }))
}

/// The account, also if it began a moment ago on another node and the directory has not heard of it yet.
pub(crate) async fn account(app: &AppState, id: AccountId) -> ApiResult<Option<Arc<Account>>> {
    if let Some(account) = app.directory.get(id) {
        return Ok(Some(account));
    }
    let account = app.commands.account(id).await.map_err(load)?;
    Ok(account.map(Arc::new))
}
