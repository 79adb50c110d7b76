//! Who asks, and by what they are recognised.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use domain::ids::AccountId;
use domain::{Account, Actor};
use http::header::AUTHORIZATION;
use http::request::Parts;
use identity::{API_TOKEN_PREFIX, ApiToken, Session};
use realtime::connection::ConnectionHandle;

use super::cookies::{SessionCookie, session_token};
use crate::middleware::RequestLog;
use crate::problem::{ApiError, ApiResult, load, session_needed, unauthorized};
use crate::state::AppState;

/// Whoever asks, with the role that they have now: an account, or nobody that is known. Never refuses anybody, but answers
/// 503 if sessions cannot be looked up.
#[derive(Clone, Copy, Debug)]
pub struct CurrentActor(pub Actor);

/// Somebody who is recognised, by a session or by an API token; others get 401. Whoever is deactivated is nobody at once.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// As an actor.
    pub actor: Actor,
    /// Their account. By a token, its role is what the token makes of it.
    pub account: Arc<Account>,
    /// By what they are recognised.
    pub by: RecognisedBy,
}

/// By what somebody is recognised.
#[derive(Clone, Debug)]
pub enum RecognisedBy {
    /// They signed in.
    Session(Session),
    /// A program acts for them.
    Token(ApiToken),
}

/// Somebody who signed in; programs with a token get 403, for they may not do all that their owner may: whoever steals a
/// token must not be able to keep what it opens.
#[derive(Clone, Debug)]
pub struct InSession {
    /// As an actor.
    pub actor: Actor,
    /// Their account.
    pub account: Arc<Account>,
    /// Their session.
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

/// Somebody who is recognised, or nobody.
impl OptionalFromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> ApiResult<Option<Self>> {
        signed_in(parts, app).await
    }
}

impl FromRequestParts<AppState> for InSession {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> ApiResult<Self> {
        let signed_in = signed_in(parts, app).await?.ok_or_else(unauthorized)?;
        let SignedIn { actor, account, by } = signed_in;
        match by {
            RecognisedBy::Session(session) => Ok(Self {
                actor,
                account,
                session,
            }),
            RecognisedBy::Token(_) => Err(session_needed()),
        }
    }
}

async fn signed_in(parts: &Parts, app: &AppState) -> ApiResult<Option<SignedIn>> {
    let form = SessionCookie::of(&app.settings, parts.extensions.get::<ConnectionHandle>());
    let Some(text) = session_token(&parts.headers, form) else {
        return Ok(None);
    };
    let found = if is_api_token(parts) {
        by_token(app, text).await?
    } else {
        by_session(app, text).await?
    };
    if let Some(log) = parts.extensions.get::<RequestLog>()
        && let Some(found) = &found
    {
        log.account(found.account.id);
    }
    Ok(found)
}

async fn by_session(app: &AppState, text: &str) -> ApiResult<Option<SignedIn>> {
    let Some(session) = app.identity.sessions.authenticate(text).await? else {
        return Ok(None);
    };
    let account = account(app, session.account_id).await?;
    Ok(account.filter(|account| account.active).map(|account| SignedIn {
        actor: account.actor(),
        account,
        by: RecognisedBy::Session(session),
    }))
}

async fn by_token(app: &AppState, text: &str) -> ApiResult<Option<SignedIn>> {
    let Some(token) = app.identity.tokens.authenticate(text).await? else {
        return Ok(None);
    };
    let account = account(app, token.account_id).await?;
    let Some(account) = account.filter(|account| account.active) else {
        return Ok(None);
    };
    let Some(role) = account.role.capped_at(token.role) else {
        return Ok(None);
    };
    let account = if role == account.role {
        account
    } else {
        Arc::new(Account {
            role,
            ..Account::clone(&account)
        })
    };
    Ok(Some(SignedIn {
        actor: account.actor(),
        account,
        by: RecognisedBy::Token(token),
    }))
}

/// Whether a request names an API token, be it one of ours or not. They come in `Authorization` only: no browser sends one
/// by itself.
pub(crate) fn is_api_token(parts: &Parts) -> bool {
    let header = parts
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    header
        .and_then(|value| value.split_once(' '))
        .is_some_and(|(_, token)| token.trim().starts_with(API_TOKEN_PREFIX))
}

/// The account, also if it began a moment ago on another node and the directory has not heard of it yet.
pub(crate) async fn account(app: &AppState, id: AccountId) -> ApiResult<Option<Arc<Account>>> {
    if let Some(account) = app.directory.get(id) {
        return Ok(Some(account));
    }
    let account = app.commands.account(id).await.map_err(load)?;
    Ok(account.map(Arc::new))
}
