//! `POST /api/auth/password/reset`

use axum::Json as JsonBody;
use axum::extract::State;
use domain::Actor;
use domain::ids::AccountId;
use domain::policy::Action;
use http::HeaderMap;
use identity::{IdentityError, NewPassword, Password, Purpose, Secret};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::Success;
use crate::extract::{Caller, Fields, Json, account};
use crate::limits::Attempt;
use crate::problem::{self, ApiError, ApiResult, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::session::{Arrival, remember_browser};
use crate::state::AppState;

/// What the mail says, and the password that is to be set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ResetInput {
    /// What stands behind `#` in the link.
    #[schema(value_type = String, required, example = "5c2f…64 hexadecimal digits")]
    token: Option<String>,
    /// 8 to 128 characters, none of the most common passwords.
    #[schema(value_type = String, required, format = Password, example = "staple a donkey instead", min_length = 8, max_length = 128)]
    new_password: Option<Password>,
}

/// Set a new password by a link
///
/// Ends all sessions of the account, withdraws all its API tokens, and makes all other links to a new password void: it
/// is what people do whose password was stolen. Sign in with the new one afterwards.
#[utoipa::path(
    post,
    path = "/api/auth/password/reset",
    tag = "accounts",
    security(()),
    request_body = ResetInput,
    responses(
        (status = 200, description = "The password is set", body = Success),
        (status = 401, description = "`Invalid link`, whatever is wrong with it"),
        (status = 429, description = "Too many attempts from this address"),
    ),
)]
pub(super) async fn reset_password(
    State(app): State<AppState>,
    caller: Caller,
    arrival: Arrival,
    Json { input, .. }: Json<ResetInput>,
) -> ApiResult<(HeaderMap, JsonBody<Success>)> {
    permit_general(&Actor::Anonymous, Action::SignIn)?;
    let (token, new) = input.parse()?;
    let counted = app.limited(Attempt::ResetPassword, &caller, None).await?;
    let links = &app.identity.links;
    let link = links.look(Purpose::PasswordReset, token.expose()).await?;
    let id = AccountId::from_uuid(link.ok_or_else(|| refused(None))?.subject);
    let account = account(&app, id).await?.filter(|account| account.active);
    account.ok_or_else(|| refused(Some(id)))?;
    match app.identity.reset_password(id, token.expose(), &new).await {
        Ok(()) => {
            counted.forget(&app).await;
            security_log::record(SecurityEvent::PasswordReset, Some(id));
            // Else those who guess at the account would keep its owner from signing in on a new browser.
            let headers = remember_browser(&app, &arrival, id).await;
            Ok((headers, JsonBody(Success::YES)))
        }
        Err(IdentityError::Refused) => Err(refused(Some(id))),
        Err(error) => Err(error.into()),
    }
}

fn refused(account: Option<AccountId>) -> ApiError {
    security_log::record(SecurityEvent::LinkRefused, account);
    problem::invalid_link()
}

impl ResetInput {
    fn parse(self) -> ApiResult<(Secret<String>, NewPassword)> {
        let mut fields = Fields::default();
        if self.token.is_none() {
            fields.problem("token", "is required");
        }
        let new = if let Some(new) = self.new_password {
            fields.checked("newPassword", NewPassword::parse(new))
        } else {
            fields.problem("newPassword", "is required");
            None
        };
        fields.done(self.token.map(Secret::new).zip(new))
    }
}
