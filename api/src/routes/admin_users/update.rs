//! `PATCH /api/admin/users/{id}`

use axum::extract::State;
use commands::{Executed, Outcome, Recorded};
use domain::account::{AccountEvent, Accounts, Changes};
use domain::ids::AccountId;
use domain::text::{Department, PersonName};
use domain::{AccountCommand, Role};
use serde::Deserialize;
use utoipa::ToSchema;
use wire::UserRow;

use super::rows::rows;
use crate::access_end::end_access;
use crate::answer::Written;
use crate::extract::{Asked, Fields, Id, IfMatch, Json, SignedIn, present};
use crate::problem::{self, ApiResult};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// What is to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct UpdateUserInput {
    /// Another role: GUEST, USER, ADMIN, AUDITOR or OPERATOR.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, nullable = false, example = "ADMIN")]
    role: Option<String>,
    /// Whether the account can be used.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, nullable = false, example = true)]
    is_active: Option<bool>,
    /// Another name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, nullable = false, example = "Ada King", min_length = 2, max_length = 200)]
    name: Option<String>,
    /// Another department, or null for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "Engines", max_length = 200)]
    #[expect(clippy::option_option, reason = "missing, null and a value are three things")]
    department: Option<Option<String>>,
}

/// Change somebody's account
///
/// Role, activity, name and department, all at once or none. A deactivated account's sessions, links, codes and
/// tokens end at once, and do not come back with it.
#[utoipa::path(
    patch,
    path = "/api/admin/users/{id}",
    tag = "people",
    params(
        ("id" = uuid::Uuid, Path, description = "Whose account"),
        ("If-Match" = Option<String>, Header, description = "Only if the account is still at this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "Under which this may be repeated"),
    ),
    request_body = UpdateUserInput,
    responses(
        (status = 200, description = "The account as it is now", body = UserRow),
        (status = 400, description = "`Cannot deactivate your own account`, or the last admin would be gone"),
        (status = 404, description = "`User not found`"),
        (status = 409, description = "Others change the same at once"),
        (status = 412, description = "It is at another version"),
    ),
)]
pub(super) async fn update_admin_user(
    State(app): State<AppState>,
    Id(account): Id<AccountId>,
    SignedIn { actor, .. }: SignedIn,
    IfMatch(expect): IfMatch,
    asked: Asked,
    Json { input, bytes }: Json<UpdateUserInput>,
) -> ApiResult<Written<UserRow>> {
    let changes = input.parse()?;
    let cause = asked.cause(&app, &actor, &bytes);
    let command = AccountCommand::Change(changes);
    let work = {
        let app = app.clone();
        async move {
            let executed = app
                .commands
                .execute_account(&actor, &cause, account, expect, command)
                .await?;
            follow_up(&app, &executed).await;
            ApiResult::Ok(executed)
        }
    };
    // A client that goes away must not keep the sessions of a deactivated account alive.
    let executed = app.to_the_end(work).await??;
    app.settle(executed.position).await;
    let mut rows = rows(&app, std::slice::from_ref(&executed.state)).await?;
    let row = rows
        .pop()
        .ok_or_else(|| problem::not_found(problem::USER_NOT_FOUND))?;
    Ok(Written::ok(&executed, row))
}

/// What has to happen besides the events: all access ends, and watchers are told.
pub(super) async fn follow_up(app: &AppState, executed: &Executed<Accounts>) {
    let account = executed.state.id;
    if has_no_access(app, executed).await {
        // The directory makes the owner nobody in any case; this closes what is open.
        if let Err(error) = end_access(&app.identity, account).await {
            tracing::warn!(account.id = %account, %error, "failed to end the access of a deactivated account");
        }
        if let Err(error) = app.identity.tokens.withdraw_all(account).await {
            tracing::warn!(account.id = %account, %error, "failed to withdraw the tokens of a deactivated account");
        }
    }
    if executed.outcome != Outcome::Appended {
        return;
    }
    for recorded in &executed.events {
        let event = match recorded.event {
            AccountEvent::RoleChanged(_) => SecurityEvent::RoleChanged,
            AccountEvent::Deactivated(_) => SecurityEvent::Deactivated,
            AccountEvent::Reactivated(_) => SecurityEvent::Reactivated,
            AccountEvent::Registered(_)
            | AccountEvent::NameChanged(_)
            | AccountEvent::DepartmentChanged(_)
            | AccountEvent::NotificationsChanged(_) => continue,
        };
        security_log::record(event, Some(account));
    }
}

/// Whether the account's sessions, links, codes and tokens are to end. Also if it was deactivated before (this may be the second try, after a first
/// one that got half-way), and when it comes back: an old session must not come back with it.
async fn has_no_access(app: &AppState, executed: &Executed<Accounts>) -> bool {
    let reactivated = |recorded: &Recorded<_>| matches!(recorded.event, AccountEvent::Reactivated(_));
    if executed.outcome != Outcome::Repeated {
        return !executed.state.active || executed.events.iter().any(reactivated);
    }
    // Whoever was deactivated the first time may be back since.
    match app.commands.account(executed.state.id).await {
        Ok(account) => account.is_some_and(|account| !account.active),
        Err(error) => {
            tracing::warn!(account.id = %executed.state.id, %error, "failed to look whether an account is active");
            false
        }
    }
}

impl UpdateUserInput {
    fn parse(self) -> ApiResult<Changes> {
        let mut fields = Fields::default();
        let role = fields.choice("role", self.role.as_deref(), &Role::ALL);
        let name: Option<PersonName> = fields.optional("name", self.name.as_deref());
        let department = self.department.as_ref().map(Option::as_deref);
        let department = department.map(|text| text.filter(|text| !text.trim().is_empty()));
        let department: Option<Option<Department>> = fields.nullable("department", department);
        fields.done(Some(Changes {
            name,
            department,
            role,
            active: self.is_active,
            notifications: None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Changes, String> {
        let input: UpdateUserInput = serde_json::from_str(json).map_err(|error| error.to_string())?;
        input
            .parse()
            .map_err(|error| error.explanation().unwrap_or_default().to_owned())
    }

    #[test]
    fn what_is_left_out_stays_and_null_empties_only_the_department() {
        assert_eq!(parse("{}").unwrap(), Changes::default());
        assert_eq!(parse(r#"{"department":null}"#).unwrap().department, Some(None));
        assert_eq!(parse(r#"{"department":""}"#).unwrap().department, Some(None));
        assert!(
            parse(r#"{"department":"Engines"}"#)
                .unwrap()
                .department
                .unwrap()
                .is_some()
        );
        for field in ["role", "isActive", "name"] {
            assert!(parse(&format!("{{\"{field}\":null}}")).is_err(), "{field}");
        }
    }

    #[test]
    fn an_unknown_role_is_named() {
        assert_eq!(
            parse(r#"{"role":"admin","name":"x"}"#).unwrap_err(),
            "role must be one of GUEST, USER, ADMIN, AUDITOR, OPERATOR; name must have at least 2 characters"
        );
    }
}
