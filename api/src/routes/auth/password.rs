//! `POST /api/auth/password`

use axum::extract::State;
use domain::policy::Action;
use identity::{IdentityError, NewPassword, Password};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::Success;
use crate::extract::{Fields, InSession, Json};
use crate::limits::Attempt;
use crate::problem::{self, ApiResult, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// The present password, and the one that is to replace it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct PasswordInput {
    /// The present one.
    #[schema(value_type = String, required, format = Password, example = "correct horse battery")]
    current_password: Option<Password>,
    /// The next one: 8 to 128 characters, none of the most common passwords.
    #[schema(value_type = String, required, format = Password, example = "staple a donkey instead", min_length = 8, max_length = 128)]
    new_password: Option<Password>,
}

/// Change one's password
///
/// Ends all other sessions of the account; this one goes on.
#[utoipa::path(
    post,
    path = "/api/auth/password",
    tag = "accounts",
    request_body = PasswordInput,
    responses(
        (status = 200, description = "Changed", body = Success),
        (status = 422, description = "The present password is another one, or the new one is not acceptable"),
        (status = 429, description = "The present password was wrong too often in this session"),
    ),
)]
pub(super) async fn change_password(
    State(app): State<AppState>,
    signed_in: InSession,
    Json { input, .. }: Json<PasswordInput>,
) -> ApiResult<axum::Json<Success>> {
    permit_general(&signed_in.actor, Action::ReadOwnAccount)?;
    let (old, new) = input.parse()?;
    let counted = app
        .limited_in(Attempt::ChangePassword, &signed_in.session)
        .await?;
    let (account, session) = (signed_in.account.id, signed_in.session.id);
    match app
        .identity
        .change_password(account, &old, &new, Some(session))
        .await
    {
        Ok(()) => {
            counted.forget(&app).await;
            security_log::record(SecurityEvent::PasswordChanged, Some(account));
            Ok(axum::Json(Success::YES))
        }
        Err(IdentityError::Refused) => {
            security_log::record(SecurityEvent::PasswordRefused, Some(account));
            Err(problem::invalid("currentPassword", "is not the present password"))
        }
        Err(error) => {
            counted.forget(&app).await;
            Err(error.into())
        }
    }
}

impl PasswordInput {
    fn parse(self) -> ApiResult<(Password, NewPassword)> {
        let mut fields = Fields::default();
        if self.current_password.is_none() {
            fields.problem("currentPassword", "is required");
        }
        let new = if let Some(new) = self.new_password {
            fields.checked("newPassword", NewPassword::parse(new))
        } else {
            fields.problem("newPassword", "is required");
            None
        };
        fields.done(self.current_password.zip(new))
    }
}
