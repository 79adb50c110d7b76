//! `POST /api/tickets/{id}/attachments`

use axum::extract::{Request, State};
use axum::response::Response;
use commands::{CommandError, Expect};
use domain::ids::{AccountId, AttachmentId, TicketId};
use domain::limits::ATTACHMENTS_PER_TICKET_MAX;
use domain::policy::Action;
use domain::ticket::{Attachment, NewAttachment, Refusal};
use domain::{Ticket, TicketCommand};
use http::HeaderValue;
use http::header::LOCATION;
use utoipa::ToSchema;

use super::form::Upload;
use super::shown::{Names, NoEvent, added, permitted};
use super::upload::receive;
use crate::extract::{Asked, Id, SignedIn};
use crate::problem::{self, ApiResult};
use crate::state::AppState;

/// A file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form whose one part is streamed")]
pub(super) struct AttachmentForm {
    /// The file, of at most 10 MiB, under its name.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Attach a file to a ticket
///
/// Its media type is found by looking at its bytes; its name loses what makes it a path or look like another one.
#[utoipa::path(
    post,
    path = "/api/tickets/{id}/attachments",
    tag = "tickets",
    params(
        ("id" = uuid::Uuid, Path, description = "Which ticket"),
        ("Idempotency-Key" = Option<String>, Header, description = "Under which this may be repeated"),
    ),
    request_body(content = AttachmentForm, content_type = "multipart/form-data"),
    responses(
        (
            status = 201,
            description = "The new attachment",
            body = wire::Attachment,
            headers(
                ("Location" = String, description = "Where it is downloaded"),
                ("X-Position" = i64, description = "Its place in the log"),
            ),
        ),
        (status = 400, description = "`No file provided`, or no well-formed form"),
        (status = 404, description = "`Ticket not found`, or not yours"),
        (status = 409, description = "Others change the same at once"),
        (status = 413, description = "`File size exceeds 10MB limit`, or the ticket's files do together what a ticket's may"),
        (status = 415, description = "Not `multipart/form-data`"),
        (status = 422, description = "More in the form than one file, or as many on the ticket as it may have"),
    ),
)]
pub(super) async fn add_attachment(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(id): Id<TicketId>,
    asked: Asked,
    request: Request,
) -> ApiResult<Response> {
    let uploader = actor.account().ok_or_else(problem::unauthorized)?;
    // Before a byte of the body is read. The command asks again, on the ticket as it is then.
    let row = permitted(&app, &actor, Action::AddAttachment, id).await?;
    if !asked.may_repeat() {
        has_room(&row.ticket)?;
    }
    let upload = receive(&app.attachments, request).await?;
    // The same file under the same name is the same request, whatever boundary it came between.
    let same = format!("{}\n{}", upload.stored.sha256.as_str(), upload.file_name);
    let cause = asked.cause(&app, &actor, same.as_bytes());
    let command = command(AttachmentId::new(&*app.clock, &*app.entropy), uploader, upload);
    let executed = app
        .commands
        .execute_ticket(&actor, &cause, id, Expect::Any, command, None)
        .await?;
    app.settle(executed.position).await;
    let attachment = executed
        .events
        .iter()
        .find_map(|recorded| Attachment::of(id, &recorded.event, recorded.at));
    let attachment = attachment.ok_or_else(|| problem::fault(&NoEvent))?;
    let shown = wire::Attachment::of(&attachment, &Names(&app.directory));
    let location = HeaderValue::try_from(shown.file_path.as_str()).map_err(|error| problem::fault(&error))?;
    let mut response = added(executed.position, shown);
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

/// Whether the ticket may have one more file. Spares whoever sends one the way, and the store bytes that nothing names; a
/// repetition of the last one that fitted is let through to the command, which knows it.
fn has_room(ticket: &Ticket) -> ApiResult<()> {
    if ticket.attachments < ATTACHMENTS_PER_TICKET_MAX {
        Ok(())
    } else {
        Err(CommandError::Refused(Refusal::TooManyAttachments).into())
    }
}

fn command(attachment: AttachmentId, uploader: AccountId, upload: Upload) -> TicketCommand {
    let Upload { file_name, stored } = upload;
    TicketCommand::AddAttachment(NewAttachment {
        attachment,
        uploader,
        file_name,
        size: stored.size,
        media_type: stored.media_type,
        sha256: stored.sha256,
    })
}
