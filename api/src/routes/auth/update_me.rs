//! `PATCH /api/auth/me`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::AccountCommand;
use domain::account::{Changes, Notifications};
use domain::policy::Action;
use domain::text::{Department, PersonName};
use serde::Deserialize;
use utoipa::ToSchema;
use wire::Me;

use crate::answer::Written;
use crate::extract::{Asked, Fields, IfMatch, Json, SignedIn, present};
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// What is to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct UpdateMeInput {
    /// Another name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, nullable = false, example = "Ada King", min_length = 2, max_length = 200)]
    name: Option<String>,
    /// Another department, or null for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "Engines", max_length = 200)]
    #[expect(clippy::option_option, reason = "missing, null and a value are three things")]
    department: Option<Option<String>>,
    /// Which mail about tickets: ALL, MINE (only about tickets that one opened or works on) or NONE.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, nullable = false, example = "MINE")]
    notifications: Option<String>,
}

/// Change one's own account
///
/// Name and department are requesters' and agents' own to change; which mail one gets is everybody's.
#[utoipa::path(
    patch,
    path = "/api/auth/me",
    tag = "accounts",
    params(
        ("If-Match" = Option<String>, Header, description = "Only if the account is still at this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "Under which this may be repeated"),
    ),
    request_body = UpdateMeInput,
    responses(
        (status = 200, description = "The account as it is now", body = Me),
        (status = 409, description = "Others change the same at once"),
        (status = 412, description = "It is at another version"),
    ),
)]
pub(super) async fn update_me(
    State(app): State<AppState>,
    SignedIn { actor, account, .. }: SignedIn,
    IfMatch(expect): IfMatch,
    asked: Asked,
    Json { input, bytes }: Json<UpdateMeInput>,
) -> ApiResult<Response> {
    permit_general(&actor, Action::ReadOwnAccount)?;
    let changes = input.parse()?;
    if changes == Changes::default() {
        return Ok(axum::Json(Me::from(&*account)).into_response());
    }
    let cause = asked.cause(&app, &actor, &bytes);
    let command = AccountCommand::Change(changes);
    let executed = app
        .commands
        .execute_account(&actor, &cause, account.id, expect, command)
        .await?;
    app.settle(executed.position).await;
    Ok(Written::ok(&executed, Me::from(&executed.state)).into_response())
}

impl UpdateMeInput {
    fn parse(self) -> ApiResult<Changes> {
        let mut fields = Fields::default();
        let name: Option<PersonName> = fields.optional("name", self.name.as_deref());
        let department = self.department.as_ref().map(Option::as_deref);
        let department = department.map(|text| text.filter(|text| !text.trim().is_empty()));
        let department: Option<Option<Department>> = fields.nullable("department", department);
        let notifications = fields.choice("notifications", self.notifications.as_deref(), Notifications::ALL);
        fields.done(Some(Changes {
            name,
            department,
            notifications,
            ..Changes::default()
        }))
    }
}
