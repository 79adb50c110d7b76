//! The sessions of one's own account.

mod end;
mod end_others;
mod list;

use std::str::FromStr;

use identity::SessionId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::InPath;
use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_sessions, end_others::end_other_sessions))
        .routes(routes!(end::end_session))
}

/// A session's name in paths and lists: 64 hexadecimal digits, which open nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SessionName(SessionId);

impl FromStr for SessionName {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, hex::FromHexError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(SessionId::from_bytes(bytes)))
    }
}

impl InPath for SessionName {
    const PARAMETER: &'static str = "id";
    const MISSING: &'static str = "Session not found";
}
