//! `POST /api/auth/login`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use identity::{IdentityError, Password};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::{Caller, Fields, Json};
use crate::limits::Attempt;
use crate::problem::{self, ApiResult};
use crate::security_log::{self, SecurityEvent};
use crate::session::{Arrival, LoginAnswer, begin_session};
use crate::state::AppState;

/// Who wants in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginInput {
    /// The address that the account was made with.
    #[schema(value_type = String, required, example = "ada@example.org")]
    email: Option<String>,
    /// Its password.
    #[schema(value_type = String, required, format = Password, example = "correct horse battery")]
    password: Option<Password>,
}

/// Sign in
///
/// The answer gives the session's token, in its body for programs and in a cookie for browsers. It lasts 7 days, or 12
/// hours without use.
#[utoipa::path(
    post,
    path = "/api/auth/login",
    tag = "accounts",
    security(()),
    request_body = LoginInput,
    responses(
        (status = 200, description = "Signed in", body = LoginAnswer),
        (status = 401, description = "`Invalid credentials`, whatever is wrong with them"),
        (status = 429, description = "Too many attempts from this address or on this account"),
    ),
)]
pub(super) async fn log_in(
    State(app): State<AppState>,
    arrival: Arrival,
    caller: Caller,
    Json { input, .. }: Json<LoginInput>,
) -> ApiResult<Response> {
    let (email, password) = input.parse()?;
    let counted = app.limited(Attempt::SignIn, &caller, Some(&email)).await?;
    let signed_in = match app.identity.logins.sign_in(&email, &password).await {
        Ok(signed_in) => signed_in,
        Err(IdentityError::Refused) => return Err(refused(None)),
        Err(error) => {
            counted.forget(&app).await;
            return Err(error.into());
        }
    };
    let Some(begun) = begin_session(&app, &arrival, &signed_in).await? else {
        return Err(refused(Some(signed_in.account_id)));
    };
    counted.forget(&app).await;
    Ok(begun.into_response())
}

fn refused(account: Option<domain::AccountId>) -> problem::ApiError {
    security_log::record(SecurityEvent::SignInRefused, account);
    problem::invalid_credentials()
}

impl LoginInput {
    fn parse(self) -> ApiResult<(String, Password)> {
        let mut fields = Fields::default();
        if self.email.is_none() {
            fields.problem("email", "is required");
        }
        if self.password.is_none() {
            fields.problem("password", "is required");
        }
        fields.done(self.email.zip(self.password))
    }
}
