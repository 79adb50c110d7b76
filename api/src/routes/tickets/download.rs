//! `GET /api/tickets/{id}/attachments/{attachmentId}`

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::access::What;
use domain::ids::{AttachmentId, TicketId};
use domain::policy::Action;
use domain::ticket::Attachment;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use projections::tickets;
use utoipa::ToSchema;

use super::disposition::as_attachment;
use super::shown::permitted;
use crate::extract::{Asked, Id, IfNoneMatch, InPath, MinPosition, SignedIn};
use crate::problem::{ApiResult, fault, not_found};
use crate::state::AppState;

/// Whatever the bytes are, a browser that shows them all the same runs nothing in them.
const CSP: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");
/// Whether somebody may still have it is asked each time.
const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");

/// Whatever the file is made of.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes what is streamed")]
pub(super) struct FileBytes(Vec<u8>);

/// Download an attachment
///
/// Always as a file to keep, never to be shown in place.
#[utoipa::path(
    get,
    path = "/api/tickets/{id}/attachments/{attachmentId}",
    tag = "tickets",
    params(
        ("id" = uuid::Uuid, Path, description = "On which ticket"),
        ("attachmentId" = uuid::Uuid, Path, description = "Which attachment"),
        ("If-None-Match" = Option<String>, Header, description = "Only if the bytes are not these"),
    ),
    responses(
        (
            status = 200,
            description = "The bytes",
            body = FileBytes,
            content_type = "*/*",
            headers(
                ("Content-Disposition" = String, description = "The file's name (RFC 6266)"),
                ("ETag" = String, description = "The SHA-256 of the bytes"),
            ),
        ),
        (status = 304, description = "They are those bytes"),
        (status = 404, description = "`Ticket not found`, not yours, or `File not found`"),
    ),
)]
pub(super) async fn download_attachment(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(ticket): Id<TicketId>,
    Id(id): Id<AttachmentId>,
    asked: Asked,
    _: MinPosition,
    if_none_match: IfNoneMatch,
) -> ApiResult<Response> {
    permitted(&app, &actor, Action::ReadAttachment, ticket).await?;
    let attachment = app.read(tickets::attachment(&app.pool, ticket, id)).await?;
    let attachment = attachment.ok_or_else(|| not_found(AttachmentId::MISSING))?;
    let tag = HeaderValue::try_from(format!("\"{}\"", attachment.sha256.as_str()));
    let tag = tag.map_err(|error| fault(&error))?;
    if if_none_match.matches(&tag) {
        let headers = [(ETAG, tag), (CACHE_CONTROL, NO_STORE)];
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    app.accessed(
        &actor,
        &asked,
        What::Attachment,
        Some(ticket),
        Some(&id.to_string()),
    )
    .await?;
    let bytes = app.attachments.get(&attachment.sha256).await?;
    respond(&attachment, tag, Body::from_stream(bytes))
}

fn respond(attachment: &Attachment, tag: HeaderValue, bytes: Body) -> ApiResult<Response> {
    let media_type = HeaderValue::try_from(attachment.media_type.as_str()).map_err(|error| fault(&error))?;
    let disposition = as_attachment(&attachment.file_name).map_err(|error| fault(&error))?;
    let headers = [
        (CONTENT_TYPE, media_type),
        (CONTENT_LENGTH, HeaderValue::from(attachment.size)),
        (CONTENT_DISPOSITION, disposition),
        (CONTENT_SECURITY_POLICY, CSP),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CACHE_CONTROL, NO_STORE),
        (ETAG, tag),
    ];
    Ok((headers, bytes).into_response())
}
