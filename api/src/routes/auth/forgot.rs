//! `POST /api/auth/password/forgot`

use axum::extract::State;
use domain::Actor;
use domain::policy::Action;
use domain::text::Email;
use reactors::Letter;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::Accepted;
use crate::extract::{Caller, Fields, Json};
use crate::limits::Attempt;
use crate::problem::{ApiResult, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// Whose password is forgotten.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ForgotInput {
    /// The address that the account was made with.
    #[schema(value_type = String, required, example = "ada@example.org", max_length = 254)]
    email: Option<String>,
}

/// Ask for a new password
///
/// A link to choose one is mailed to the address, if there is an active account with a password behind it. The answer is
/// the same if not.
#[utoipa::path(
    post,
    path = "/api/auth/password/forgot",
    tag = "accounts",
    security(()),
    request_body = ForgotInput,
    responses(
        (status = 202, description = "A mail is on its way, if there is such an account", body = Accepted),
        (status = 429, description = "Too many wishes from this address, or for this account"),
    ),
)]
pub(super) async fn forget_password(
    State(app): State<AppState>,
    caller: Caller,
    Json { input, .. }: Json<ForgotInput>,
) -> ApiResult<Accepted> {
    permit_general(&Actor::Anonymous, Action::SignIn)?;
    let mut fields = Fields::default();
    let email: Option<Email> = fields.required("email", input.email.as_deref());
    let email = fields.done(email)?;
    app.limited(Attempt::ForgetPassword, &caller, Some(email.as_str()))
        .await?;
    // Whether there is such an account is found out by whoever sends the mail, long after this answer.
    app.outbox.put(&Letter::PasswordReset { email }).await?;
    security_log::record(SecurityEvent::ResetAsked, None);
    Ok(Accepted {
        message: "If there is an account with this address, a mail with a link is on its way.",
    })
}
