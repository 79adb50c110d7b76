//! `POST /api/tickets/{id}/comments`

use axum::extract::State;
use axum::response::Response;
use commands::Expect;
use domain::TicketCommand;
use domain::ids::{AccountId, CommentId, TicketId};
use domain::text::CommentBody;
use domain::ticket::{Audience, Comment, Visibility};
use serde::Deserialize;
use utoipa::ToSchema;

use super::shown::{Names, NoEvent, added};
use crate::extract::{Asked, Fields, Id, Json, SignedIn, present};
use crate::problem::{self, ApiResult};
use crate::state::AppState;

/// Something to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct AddCommentInput {
    /// What; at most 64 KiB.
    #[schema(value_type = String, required, example = "Is it still burning?", min_length = 1)]
    content: Option<String>,
    /// Whether it is to be hidden from the requester. Agents only.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, nullable = false, example = false)]
    is_internal: Option<bool>,
}

/// Comment on a ticket
///
/// Comments stay as they are: nobody edits or deletes them.
#[utoipa::path(
    post,
    path = "/api/tickets/{id}/comments",
    tag = "tickets",
    params(
        ("id" = uuid::Uuid, Path, description = "Which ticket"),
        ("Idempotency-Key" = Option<String>, Header, description = "Under which this may be repeated"),
    ),
    request_body = AddCommentInput,
    responses(
        (
            status = 201,
            description = "The new comment",
            body = wire::Comment,
            headers(("X-Position" = i64, description = "Its place in the log")),
        ),
        (status = 404, description = "`Ticket not found`, or not yours"),
        (status = 409, description = "Others change the same at once"),
    ),
)]
pub(super) async fn add_comment(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(id): Id<TicketId>,
    asked: Asked,
    Json { input, bytes }: Json<AddCommentInput>,
) -> ApiResult<Response> {
    let author = actor.account().ok_or_else(problem::unauthorized)?;
    let comment = CommentId::new(&*app.clock, &*app.entropy);
    let command = input.parse(comment, author)?;
    let cause = asked.cause(&app, &actor, &bytes);
    let executed = app
        .commands
        .execute_ticket(&actor, &cause, id, Expect::Any, command, None)
        .await?;
    app.settle(executed.position).await;
    let comment = executed
        .events
        .iter()
        .find_map(|recorded| Comment::of(id, &recorded.event, recorded.at));
    let comment = comment.ok_or_else(|| problem::fault(&NoEvent))?;
    let audience = Audience::of(&actor, &executed.state);
    // None only in a repetition by somebody who was an agent the first time.
    let shown = wire::Comment::of(&comment, audience, &Names(&app.directory));
    Ok(added(executed.position, shown.ok_or_else(problem::forbidden)?))
}

impl AddCommentInput {
    fn parse(self, comment: CommentId, author: AccountId) -> ApiResult<TicketCommand> {
        let mut fields = Fields::default();
        let body: Option<CommentBody> = fields.required("content", self.content.as_deref());
        let visibility = match self.is_internal {
            Some(true) => Visibility::Internal,
            Some(false) | None => Visibility::Public,
        };
        fields.done(body.map(|body| TicketCommand::AddComment {
            comment,
            author,
            body,
            visibility,
        }))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn visibility(json: &str) -> Option<Visibility> {
        let input: AddCommentInput = serde_json::from_str(json).ok()?;
        let (comment, author) = (
            CommentId::from_uuid(Uuid::nil()),
            AccountId::from_uuid(Uuid::nil()),
        );
        match input.parse(comment, author).ok()? {
            TicketCommand::AddComment { visibility, .. } => Some(visibility),
            _ => None,
        }
    }

    #[test]
    fn is_public_unless_said() {
        assert_eq!(visibility(r#"{"content":"x"}"#), Some(Visibility::Public));
        assert_eq!(
            visibility(r#"{"content":"x","isInternal":false}"#),
            Some(Visibility::Public)
        );
        assert_eq!(
            visibility(r#"{"content":"x","isInternal":true}"#),
            Some(Visibility::Internal)
        );
    }

    #[test]
    fn whoever_means_something_else_is_not_guessed_at() {
        for json in [
            r#"{"content":"x","isInternal":null}"#,
            r#"{"content":"x","isInternal":"true"}"#,
            r#"{"content":"x","internal":true}"#,
            r#"{"content":" \n "}"#,
            r#"{"content":null}"#,
            "{}",
        ] {
            assert_eq!(visibility(json), None, "{json}");
        }
    }
}
