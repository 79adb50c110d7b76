//! `POST /api/tickets`

use axum::extract::State;
use commands::Expect;
use domain::TicketCommand;
use domain::ids::{AccountId, TicketId};
use domain::text::{Description, Title};
use domain::ticket::{Audience, Category, Priority};
use http::header::LOCATION;
use http::{HeaderName, HeaderValue};
use serde::Deserialize;
use utoipa::ToSchema;

use super::shown::{Names, NoEvent};
use crate::answer::Written;
use crate::extract::{Asked, Fields, Json, SignedIn, present};
use crate::problem::{self, ApiResult};
use crate::state::AppState;

/// A wish for help.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateTicketInput {
    /// In a line.
    #[schema(value_type = String, required, example = "Printer on fire", min_length = 5, max_length = 200)]
    title: Option<String>,
    /// At length; at most 64 KiB.
    #[schema(value_type = String, required, example = "It is the one on the second floor.", min_length = 10)]
    description: Option<String>,
    /// What it is about: HARDWARE, SOFTWARE, NETWORK, ACCESS, TRAVEL or OTHER.
    #[schema(value_type = String, required, example = "HARDWARE")]
    category: Option<String>,
    /// How much it matters: LOW, MEDIUM (if left out), HIGH or CRITICAL.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, nullable = false, example = "HIGH")]
    priority: Option<String>,
}

/// Create a ticket
///
/// It is the sender's own, OPEN, and nobody's to work on yet.
#[utoipa::path(
    post,
    path = "/api/tickets",
    tag = "tickets",
    params(("Idempotency-Key" = Option<String>, Header, description = "Under which this may be repeated")),
    request_body = CreateTicketInput,
    responses(
        (
            status = 201,
            description = "The new ticket, whole",
            body = wire::Ticket,
            headers(
                ("Location" = String, description = "Where it is"),
                ("ETag" = String, description = "Its version"),
                ("X-Position" = i64, description = "Its place in the log; send it as `Min-Position` to read it"),
            ),
        ),
    ),
)]
pub(super) async fn create_ticket(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    asked: Asked,
    Json { input, bytes }: Json<CreateTicketInput>,
) -> ApiResult<([(HeaderName, HeaderValue); 1], Written<wire::Ticket>)> {
    let requester = actor.account().ok_or_else(problem::unauthorized)?;
    let ticket = TicketId::new(&*app.clock, &*app.entropy);
    let command = input.parse(ticket, requester)?;
    let cause = asked.cause(&app, &actor, &bytes);
    let executed = app
        .commands
        .execute_ticket(&actor, &cause, ticket, Expect::Any, command, None)
        .await?;
    app.settle(executed.position).await;
    // Everything that the answer shows is known without a query: a new ticket has no comments and no attachments.
    let ticket = &executed.state;
    let (audience, people) = (Audience::of(&actor, ticket), Names(&app.directory));
    let shown = wire::Ticket::of(ticket, executed.version, audience, &people);
    let location = HeaderValue::try_from(format!("/api/tickets/{}", ticket.id));
    let location = location.map_err(|_| problem::fault(&NoEvent))?;
    let written = Written::created(&executed, shown.whole(&[], &[], audience, &people));
    Ok(([(LOCATION, location)], written))
}

impl CreateTicketInput {
    fn parse(self, ticket: TicketId, requester: AccountId) -> ApiResult<TicketCommand> {
        let mut fields = Fields::default();
        let title: Option<Title> = fields.required("title", self.title.as_deref());
        let description: Option<Description> = fields.required("description", self.description.as_deref());
        let category = fields.required_choice("category", self.category.as_deref(), Category::ALL);
        let priority = fields.choice("priority", self.priority.as_deref(), Priority::ALL);
        let values = title.zip(description).zip(category);
        fields.done(
            values.map(|((title, description), category)| TicketCommand::Create {
                ticket,
                requester,
                title,
                description,
                priority: priority.unwrap_or(Priority::Medium),
                category,
                attachments: Vec::new(),
            }),
        )
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn parse(json: &str) -> Result<TicketCommand, String> {
        let input: CreateTicketInput = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let (ticket, requester) = (
            TicketId::from_uuid(Uuid::nil()),
            AccountId::from_uuid(Uuid::nil()),
        );
        let parsed = input.parse(ticket, requester);
        parsed.map_err(|error| error.explanation().unwrap_or_default().to_owned())
    }

    #[test]
    fn priority_is_medium_unless_said() {
        let of = |priority: &str| {
            let json = format!(
                r#"{{"title":"Printer","description":"It is on fire","category":"TRAVEL"{priority}}}"#
            );
            match parse(&json) {
                Ok(TicketCommand::Create { priority, .. }) => Some(priority),
                _ => None,
            }
        };
        assert_eq!(of(""), Some(Priority::Medium));
        assert_eq!(of(r#","priority":"CRITICAL""#), Some(Priority::Critical));
        assert_eq!(of(r#","priority":null"#), None);
        assert_eq!(of(r#","status":"CLOSED""#), None);
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        let error = parse(r#"{"title":"abc","category":"COFFEE","priority":"low"}"#).unwrap_err();
        assert_eq!(
            error,
            "title must have at least 5 characters; description is required; \
             category must be one of HARDWARE, SOFTWARE, NETWORK, ACCESS, TRAVEL, OTHER; \
             priority must be one of LOW, MEDIUM, HIGH, CRITICAL"
        );
    }
}
