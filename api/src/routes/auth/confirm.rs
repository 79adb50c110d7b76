//! `POST /api/auth/register/confirm`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::Actor;
use domain::policy::Action;
use identity::{IdentityError, Password, Secret};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::{Asked, Caller, Fields, Json};
use crate::limits::Attempt;
use crate::problem::{self, ApiError, ApiResult, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::session::{Arrival, LoginAnswer, begin_session};
use crate::state::AppState;

/// What the mail says, and what only its reader knows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmInput {
    /// What stands behind `#` in the link.
    #[schema(value_type = String, required, example = "5c2f…64 hexadecimal digits")]
    token: Option<String>,
    /// The password that was chosen when the account was asked for.
    #[schema(value_type = String, required, format = Password, example = "correct horse battery")]
    password: Option<Password>,
}

/// Finish a registration
///
/// The account begins, with the role USER, and its owner is signed in. Somebody who was a guest so far keeps all tickets.
/// A wrong password does not use the link up; ten do.
#[utoipa::path(
    post,
    path = "/api/auth/register/confirm",
    tag = "accounts",
    security(()),
    request_body = ConfirmInput,
    responses(
        (status = 200, description = "There is an account, and a session", body = LoginAnswer),
        (status = 401, description = "`Invalid link`, whatever is wrong with the link or the password"),
        (status = 429, description = "Too many attempts from this address"),
    ),
)]
pub(super) async fn confirm_registration(
    State(app): State<AppState>,
    arrival: Arrival,
    asked: Asked,
    caller: Caller,
    Json { input, .. }: Json<ConfirmInput>,
) -> ApiResult<Response> {
    permit_general(&Actor::Anonymous, Action::RegisterAccount)?;
    let (token, password) = input.parse()?;
    let counted = app.limited(Attempt::ConfirmRegistration, &caller, None).await?;
    let proved = match app.identity.registrations.prove(token.expose(), &password).await {
        Ok(proved) => proved,
        Err(IdentityError::Refused) => return Err(refused()),
        Err(error) => return Err(error.into()),
    };
    counted.forget(&app).await;
    let cause = asked.cause_once(&app);
    let registrar = app.registrar();
    // Not to be left half-way by a client that goes away.
    let work = async move { registrar.confirm(&cause, &proved).await };
    let confirmed = app.to_the_end(work).await??.ok_or_else(refused)?;
    security_log::record(SecurityEvent::Registered, Some(confirmed.signed_in.account_id));
    if let Some(position) = confirmed.position {
        app.settle(position).await;
    }
    let begun = begin_session(&app, &arrival, &confirmed.signed_in).await?;
    Ok(begun.ok_or_else(refused)?.into_response())
}

fn refused() -> ApiError {
    security_log::record(SecurityEvent::LinkRefused, None);
    problem::invalid_link().detail(
        "the link was used, has expired or never was one of ours, or the password is not the one that you chose",
    )
}

impl ConfirmInput {
    fn parse(self) -> ApiResult<(Secret<String>, Password)> {
        let mut fields = Fields::default();
        if self.token.is_none() {
            fields.problem("token", "is required");
        }
        if self.password.is_none() {
            fields.problem("password", "is required");
        }
        fields.done(self.token.map(Secret::new).zip(self.password))
    }
}
