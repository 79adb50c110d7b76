//! `PATCH /api/tickets/{id}`

use axum::extract::State;
use domain::TicketCommand;
use domain::ids::{AccountId, TicketId};
use domain::text::{Description, Title};
use domain::ticket::{Category, Changes, Priority, Status};
use serde::Deserialize;
use utoipa::ToSchema;

use super::shown::whole;
use crate::answer::Written;
use crate::extract::{Asked, Fields, Id, IfMatch, Json, SignedIn, present};
use crate::problem::ApiResult;
use crate::state::AppState;

/// What is to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct UpdateTicketInput {
    /// Another title.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, nullable = false, example = "Printer out", min_length = 5, max_length = 200)]
    title: Option<String>,
    /// Another description; at most 64 KiB.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, nullable = false, example = "Nothing burns any more.", min_length = 10)]
    description: Option<String>,
    /// Another status: OPEN, IN_PROGRESS, WAITING, RESOLVED or CLOSED. Agents only.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, nullable = false, example = "IN_PROGRESS")]
    status: Option<String>,
    /// Another priority: LOW, MEDIUM, HIGH or CRITICAL. Agents only.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, nullable = false, example = "HIGH")]
    priority: Option<String>,
    /// Another category: HARDWARE, SOFTWARE, NETWORK, ACCESS, TRAVEL or OTHER. Agents only.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, nullable = false, example = "HARDWARE")]
    category: Option<String>,
    /// Another agent to work on it, or null for nobody. Agents only.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<uuid::Uuid>, example = json!(null))]
    #[expect(clippy::option_option, reason = "missing, null and a value are three things")]
    assigned_to_id: Option<Option<String>>,
}

/// Change a ticket
///
/// All at once or nothing; what is as it was already is no change.
#[utoipa::path(
    patch,
    path = "/api/tickets/{id}",
    tag = "tickets",
    params(
        ("id" = uuid::Uuid, Path, description = "Which ticket"),
        ("If-Match" = Option<String>, Header, description = "Only if the ticket is still at this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "Under which this may be repeated"),
    ),
    request_body = UpdateTicketInput,
    responses(
        (
            status = 200,
            description = "The ticket as it is now, whole",
            body = wire::Ticket,
            headers(
                ("ETag" = String, description = "Its version"),
                ("X-Position" = i64, description = "The place in the log of the last change; not there if nothing changed"),
            ),
        ),
        (status = 404, description = "`Ticket not found`, or not yours"),
        (status = 409, description = "Others change the same at once"),
        (status = 412, description = "It is at another version, the one in `ETag`"),
    ),
)]
pub(super) async fn update_ticket(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(id): Id<TicketId>,
    IfMatch(expect): IfMatch,
    asked: Asked,
    Json { input, bytes }: Json<UpdateTicketInput>,
) -> ApiResult<Written<wire::Ticket>> {
    let (changes, assignee) = input.parse()?;
    let cause = asked.cause(&app, &actor, &bytes);
    let command = TicketCommand::Change(changes);
    let executed = app
        .commands
        .execute_ticket(&actor, &cause, id, expect, command, assignee)
        .await?;
    app.settle(executed.position).await;
    let ticket = whole(&app, &actor, &executed.state, executed.version).await?;
    Ok(Written::ok(&executed, ticket))
}

impl UpdateTicketInput {
    /// The changes, and the account that the ticket is to be assigned to. Whether that can take tickets is not known
    /// here.
    fn parse(self) -> ApiResult<(Changes, Option<AccountId>)> {
        let mut fields = Fields::default();
        let title: Option<Title> = fields.optional("title", self.title.as_deref());
        let description: Option<Description> = fields.optional("description", self.description.as_deref());
        let status = fields.choice("status", self.status.as_deref(), Status::ALL);
        let priority = fields.choice("priority", self.priority.as_deref(), Priority::ALL);
        let category = fields.choice("category", self.category.as_deref(), Category::ALL);
        let assignee = match &self.assigned_to_id {
            Some(Some(text)) => {
                let account = text.parse().map_err(|_| "must be an identifier or null");
                fields.checked::<AccountId, _>("assignedToId", account)
            }
            Some(None) | None => None,
        };
        let unassign = matches!(self.assigned_to_id, Some(None));
        let changes = Changes {
            title,
            description,
            status,
            priority,
            category,
            assignee: unassign.then_some(None),
        };
        fields.done(Some((changes, assignee)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<(Changes, Option<AccountId>), String> {
        let input: UpdateTicketInput = serde_json::from_str(json).map_err(|error| error.to_string())?;
        input
            .parse()
            .map_err(|error| error.explanation().unwrap_or_default().to_owned())
    }

    #[test]
    fn missing_null_and_somebody_are_three_assignees() {
        assert_eq!(parse("{}").unwrap(), (Changes::default(), None));
        let unassigned = parse(r#"{"assignedToId":null}"#).unwrap();
        assert_eq!((unassigned.0.assignee, unassigned.1), (Some(None), None));
        let id = "9285fe4f-4984-4a44-88ad-7ef06ce8078e";
        let assigned = parse(&format!(r#"{{"assignedToId":"{id}"}}"#)).unwrap();
        assert_eq!((assigned.0.assignee, assigned.1), (None, id.parse().ok()));
    }

    #[test]
    fn no_other_field_can_be_null_and_no_other_field_is_known() {
        for field in ["title", "description", "status", "priority", "category"] {
            assert!(parse(&format!(r#"{{"{field}":null}}"#)).is_err(), "{field}");
        }
        for field in ["createdById", "resolvedAt", "version", "id"] {
            assert!(parse(&format!(r#"{{"{field}":"x"}}"#)).is_err(), "{field}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        assert_eq!(
            parse(r#"{"title":"a\u0000bcdef","status":"DONE","assignedToId":"ada"}"#).unwrap_err(),
            "title must not contain the control character U+0000; \
             status must be one of OPEN, IN_PROGRESS, WAITING, RESOLVED, CLOSED; \
             assignedToId must be an identifier or null"
        );
    }
}
