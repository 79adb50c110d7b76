//! `POST /api/auth/tokens`

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::Role;
use domain::policy::Action;
use domain::text::TokenName;
use http::StatusCode;
use identity::{API_TOKENS_MAX, NewApiToken};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shown::TokenShown;
use crate::extract::{Fields, InSession, Json};
use crate::problem::{self, ApiResult, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// Days that a token may last, at most.
const DAYS_MAX: u64 = 365;

/// What a program is to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct TokenInput {
    /// What you call it.
    #[schema(value_type = String, required, example = "Nightly report", min_length = 1, max_length = 100)]
    name: Option<String>,
    /// What it may do at most: your own role, which is also the default, or a lesser one.
    #[schema(example = "USER")]
    role: Option<String>,
    /// After how many days it ends.
    #[schema(value_type = u64, required, example = 30, minimum = 1, maximum = 365)]
    expires_in_days: Option<u64>,
}

/// A new token.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenMade {
    /// The token itself, for `Authorization: Bearer`. This is the only time that it is shown.
    #[schema(example = "inf_5c2f…64 hexadecimal digits")]
    token: String,
    /// What the list says of it.
    details: TokenShown,
}

/// Make a token for a program
///
/// It acts for you, with the lesser of its role and yours at the moment. It manages neither tokens, sessions nor passwords, and
/// opens no sockets. A new password by a link withdraws it.
#[utoipa::path(
    post,
    path = "/api/auth/tokens",
    tag = "accounts",
    request_body = TokenInput,
    responses(
        (status = 201, description = "The token, shown this once", body = TokenMade),
        (status = 409, description = "You have 50 already"),
        (status = 422, description = "A field is missing or wrong, or the role is more than your own"),
    ),
)]
pub(super) async fn create_token(
    State(app): State<AppState>,
    InSession { actor, account, .. }: InSession,
    Json { input, .. }: Json<TokenInput>,
) -> ApiResult<Response> {
    permit_general(&actor, Action::ManageTokens)?;
    let (name, role, valid) = input.parse(account.role)?;
    let made = app.identity.tokens.create(account.id, name, role, valid).await?;
    let NewApiToken { token, stored } = made.ok_or_else(|| {
        problem::conflict(format!(
            "There are {API_TOKENS_MAX} tokens already, withdraw one first"
        ))
    })?;
    security_log::record(SecurityEvent::TokenCreated, Some(account.id));
    let made = TokenMade {
        token: token.expose().to_owned(),
        details: stored.into(),
    };
    Ok((StatusCode::CREATED, axum::Json(made)).into_response())
}

impl TokenInput {
    fn parse(self, own: Role) -> ApiResult<(TokenName, Role, Duration)> {
        let mut fields = Fields::default();
        let name: Option<TokenName> = fields.required("name", self.name.as_deref());
        let role: Option<Role> = match self.role.as_deref() {
            None => Some(own),
            Some(text) => fields.required_choice("role", Some(text), &Role::ALL),
        };
        let role = role.filter(|role| {
            let within = role.is_at_most(own);
            if !within {
                fields.problem("role", "must be at most your own role");
            }
            within
        });
        let days = self.expires_in_days.filter(|days| {
            let within = (1..=DAYS_MAX).contains(days);
            if !within {
                fields.problem("expiresInDays", "must be 1 to 365");
            }
            within
        });
        if self.expires_in_days.is_none() {
            fields.problem("expiresInDays", "is required");
        }
        let values = name.zip(role).zip(days);
        fields.done(values.map(|((name, role), days)| (name, role, Duration::from_hours(24 * days))))
    }
}
