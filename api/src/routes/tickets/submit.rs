//! `POST /api/tickets/anonymous`

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use commands::{AttachmentStore, Cause, Expect};
use domain::TicketCommand;
use domain::ids::{AccountId, AttachmentId, TicketId};
use domain::policy::Action;
use domain::text::{Description, Email, PersonName, Title};
use domain::ticket::{Category, NewAttachment, Priority};
use http::StatusCode;
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::form::{Form, Received, Upload};
use crate::extract::{Asked, Caller, CurrentActor, Fields};
use crate::limits::Attempt;
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;
use crate::submission::{SUBMISSION, requester};

/// Files in one submission, at most.
pub(in crate::routes) const FILES_MAX: usize = 10;
/// Bytes of a submission's files together, at most: 50 MiB, or one file as large as `MAX_FILE_SIZE` allows.
const FILES_BYTES_MAX: u64 = 50 * 1024 * 1024;
/// How long it takes at least from the end of the form to the answer: longer than making an account usually takes, so that
/// nobody sees by the clock whether there was one.
const ANSWER_AFTER: Duration = Duration::from_millis(150);

/// Bytes of a submission's files together, at most.
pub(in crate::routes) fn submission_bytes_max(store: &AttachmentStore) -> u64 {
    FORM.files_bytes_max(store)
}

const FORM: Form = Form {
    texts: &["name", "email", "title", "description", "category", "priority"],
    files: "files",
    files_max: FILES_MAX,
    bytes_max: FILES_BYTES_MAX,
};

/// A wish for help by somebody who need not have an account.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form whose parts are streamed")]
pub(super) struct SubmissionForm {
    /// What others call you.
    #[schema(example = "Ada Lovelace", min_length = 2, max_length = 200)]
    name: String,
    /// Where you are reached.
    #[schema(example = "ada@example.org", max_length = 254)]
    email: String,
    /// In a line.
    #[schema(example = "Printer on fire", min_length = 5, max_length = 200)]
    title: String,
    /// At length; at most 64 KiB.
    #[schema(example = "It is the one on the second floor.", min_length = 10)]
    description: String,
    /// What it is about: HARDWARE, SOFTWARE, NETWORK, ACCESS, TRAVEL or OTHER.
    #[schema(example = "HARDWARE")]
    category: String,
    /// How much it matters: LOW, MEDIUM (if left out), HIGH or CRITICAL.
    #[schema(value_type = Option<String>, nullable = false, example = "HIGH")]
    priority: Option<String>,
    /// Up to 10 files, each under its name and as large as an attachment may be, 50 MiB together.
    #[schema(value_type = Option<Vec<String>>, nullable = false, format = Binary, max_items = 10)]
    files: Option<Vec<Vec<u8>>>,
}

/// It has arrived. The same for every address: it tells nobody whether there is an account, and opens nothing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Submitted {
    /// Always true.
    #[schema(example = true)]
    success: bool,
    /// The new ticket.
    ticket_id: uuid::Uuid,
    /// How many files came with it.
    #[schema(example = 0)]
    attachments_count: usize,
    /// How it goes on, for people.
    message: &'static str,
}

/// Submit a ticket without an account
///
/// The ticket belongs to whoever has the address. What they need to look at it is mailed there, and is not in the answer.
/// The name is noted only if the address is new here.
#[utoipa::path(
    post,
    path = "/api/tickets/anonymous",
    tag = "guests",
    security((), ("session" = []), ("bearer" = [])),
    params((
        "Idempotency-Key" = Option<String>,
        Header,
        description = "Under which this may be repeated; the same key with another address is another one",
    )),
    request_body(content = SubmissionForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "It is recorded, with all its files", body = Submitted),
        (status = 400, description = "No well-formed form"),
        (status = 403, description = "Signed in as somebody who changes nothing"),
        (status = 409, description = "Others change the same at once"),
        (status = 413, description = "`File size exceeds 10MB limit`, or the files do together what they may"),
        (status = 415, description = "Not `multipart/form-data`"),
        (status = 422, description = "A field is wrong, unknown or there twice, or there are too many files, or empty ones; nothing is stored"),
        (status = 429, description = "Too many tickets from or for this address"),
    ),
)]
pub(super) async fn submit_ticket(
    CurrentActor(actor): CurrentActor,
    State(app): State<AppState>,
    caller: Caller,
    asked: Asked,
    request: Request,
) -> ApiResult<(StatusCode, Json<Submitted>)> {
    permit_general(&actor, Action::SubmitTicket)?;
    // Before a byte of the form is read; counted anew with its address once that is known.
    let counted = app.limited(Attempt::SubmitTicket, &caller, None).await?;
    let received = FORM.receive(&app.attachments, request).await?;
    let submission = match Submission::parse(&received) {
        Ok(submission) => submission,
        Err(error) => {
            received.discard().await;
            return Err(error);
        }
    };
    counted.forget(&app).await;
    let email = submission.email.as_str();
    if let Err(error) = app.limited(Attempt::SubmitTicket, &caller, Some(email)).await {
        received.discard().await;
        return Err(error);
    }
    let answer_at = Instant::now() + ANSWER_AFTER;
    // The same form is the same request, whatever boundary it came between.
    let same = format!("{submission:?}\n{:?}", received.files().collect::<Vec<_>>());
    let cause = asked.cause_of_address(&app, &SUBMISSION, &submission.email, same.as_bytes());
    let files = received.keep().await?;
    // Not to be left half-way by a client that goes away: the address would be held for a minute.
    let recorded = app
        .to_the_end(submission.record(app.clone(), cause, files))
        .await?;
    tokio::time::sleep_until(answer_at).await;
    Ok((StatusCode::CREATED, Json(recorded?)))
}

/// What the form says.
#[derive(Debug)]
struct Submission {
    name: PersonName,
    email: Email,
    title: Title,
    description: Description,
    category: Category,
    priority: Priority,
}

impl Submission {
    fn parse(form: &Received) -> ApiResult<Self> {
        let mut fields = Fields::default();
        let name: Option<PersonName> = fields.required("name", form.text("name"));
        let email: Option<Email> = fields.required("email", form.text("email"));
        let title: Option<Title> = fields.required("title", form.text("title"));
        let description: Option<Description> = fields.required("description", form.text("description"));
        let category = fields.required_choice("category", form.text("category"), Category::ALL);
        let priority = fields.choice("priority", form.text("priority"), Priority::ALL);
        let values = name.zip(email).zip(title).zip(description).zip(category);
        fields.done(
            values.map(|((((name, email), title), description), category)| Self {
                name,
                email,
                title,
                description,
                category,
                priority: priority.unwrap_or(Priority::Medium),
            }),
        )
    }

    /// The account first, if there is none with the address; then the ticket with all its files, whole or not at all.
    async fn record(self, app: AppState, cause: Cause, files: Vec<Upload>) -> ApiResult<Submitted> {
        let requester = requester(&app.registrar(), &cause, &self.email, &self.name).await?;
        let ticket = TicketId::new(&*app.clock, &*app.entropy);
        let attachments = files.into_iter().map(|file| attachment(&app, requester, file));
        let command = TicketCommand::Create {
            ticket,
            requester,
            title: self.title,
            description: self.description,
            priority: self.priority,
            category: self.category,
            attachments: attachments.collect(),
        };
        let executed = app
            .commands
            .execute_ticket(&SUBMISSION, &cause, ticket, Expect::Any, command, None)
            .await?;
        Ok(Submitted {
            success: true,
            ticket_id: executed.state.id.as_uuid(),
            attachments_count: executed.events.len().saturating_sub(1),
            message: "Thank you. We write to the address that you gave.",
        })
    }
}

fn attachment(app: &AppState, uploader: AccountId, file: Upload) -> NewAttachment {
    let Upload { file_name, stored } = file;
    NewAttachment {
        attachment: AttachmentId::new(&*app.clock, &*app.entropy),
        uploader,
        file_name,
        size: stored.size,
        media_type: stored.media_type,
        sha256: stored.sha256,
    }
}
