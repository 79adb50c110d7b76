//! Looking at one ticket.

use deadpool_postgres::Pool;
use domain::ticket::{Attachment, Comment, MediaType, Sha256, Ticket};
use domain::{AccountId, AttachmentId, CommentId, TicketId};
use eventlog::{Position, Version};
use futures::future::try_join;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::error::QueryError;
use crate::stored::Columns;

/// The columns that [`ticket_row`] reads.
macro_rules! columns {
    () => {
        "id, version, position, title, description, status, priority, category, requester, assignee, created_at, \
         updated_at, resolved_at, public_comments, internal_comments, attachments, attachment_bytes, deleted"
    };
}
pub(super) use columns;

/// A ticket as the read model has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketRow {
    /// The ticket. It may be deleted; then nobody but the audit may see it.
    pub ticket: Ticket,
    /// The version of its last event.
    pub version: Version,
    /// The position of its last event.
    pub position: Position,
}

/// The ticket, deleted or not; none if there never was one.
pub async fn get(pool: &Pool, id: TicketId) -> Result<Option<TicketRow>, QueryError> {
    let client = pool.get().await?;
    let statement = client
        .prepare_cached(concat!(
            "SELECT ",
            columns!(),
            " FROM read_tickets.tickets WHERE id = $1"
        ))
        .await?;
    let row = client.query_opt(&statement, &[&id.as_uuid()]).await?;
    row.as_ref().map(ticket_row).transpose()
}

/// Those of some tickets that are there, in any order.
pub(crate) async fn some(pool: &Pool, ids: &[TicketId]) -> Result<Vec<TicketRow>, QueryError> {
    let client = pool.get().await?;
    let statement = client
        .prepare_cached(concat!(
            "SELECT ",
            columns!(),
            " FROM read_tickets.tickets WHERE id = ANY ($1) AND NOT deleted"
        ))
        .await?;
    let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
    let rows = client.query(&statement, &[&ids]).await?;
    rows.iter().map(ticket_row).collect()
}

/// The texts that came to tickets with some of their events, by ticket and version: comments, internal ones too, and
/// attachments.
pub(crate) async fn texts(
    pool: &Pool,
    places: &[(TicketId, Version)],
) -> Result<(Vec<(Version, Comment)>, Vec<(Version, Attachment)>), QueryError> {
    if places.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let client = pool.get().await?;
    let (comments, attachments) = try_join(
        client.prepare_cached(
            "SELECT c.id, c.author, c.body, c.visibility, c.created_at, c.ticket, c.version
             FROM unnest($1::uuid[], $2::bigint[]) AS p (ticket, version)
             JOIN read_tickets.comments c ON c.ticket = p.ticket AND c.version = p.version",
        ),
        client.prepare_cached(
            "SELECT a.id, a.uploader, a.file_name, a.size, a.media_type, a.sha256, a.created_at, a.ticket, a.version
             FROM unnest($1::uuid[], $2::bigint[]) AS p (ticket, version)
             JOIN read_tickets.attachments a ON a.ticket = p.ticket AND a.version = p.version",
        ),
    )
    .await?;
    let (tickets, versions): (Vec<Uuid>, Vec<Version>) = places
        .iter()
        .map(|(ticket, version)| (ticket.as_uuid(), *version))
        .unzip();
    let parameters: [&(dyn ToSql + Sync); 2] = [&tickets, &versions];
    let (comments, attachments) = try_join(
        client.query(&comments, &parameters),
        client.query(&attachments, &parameters),
    )
    .await?;
    let place = |row: &Row, first: usize| -> Result<(TicketId, Version), QueryError> {
        let mut columns = Columns::after(row, first);
        Ok((TicketId::from_uuid(columns.value()?), columns.value()?))
    };
    let comments = comments.iter().map(|row| {
        let (ticket, version) = place(row, 5)?;
        Ok((version, comment_row(ticket, row)?))
    });
    let attachments = attachments.iter().map(|row| {
        let (ticket, version) = place(row, 7)?;
        Ok((version, attachment_row(ticket, row)?))
    });
    Ok((
        comments.collect::<Result<_, QueryError>>()?,
        attachments.collect::<Result<_, QueryError>>()?,
    ))
}

/// All comments of a ticket, internal ones too, oldest first; none if it is deleted.
pub async fn comments(pool: &Pool, ticket: TicketId) -> Result<Vec<Comment>, QueryError> {
    let client = pool.get().await?;
    let statement = client
        .prepare_cached(
            "SELECT c.id, c.author, c.body, c.visibility, c.created_at
             FROM read_tickets.comments c JOIN read_tickets.tickets t ON t.id = c.ticket
             WHERE c.ticket = $1 AND NOT t.deleted ORDER BY c.version",
        )
        .await?;
    let rows = client.query(&statement, &[&ticket.as_uuid()]).await?;
    rows.iter().map(|row| comment_row(ticket, row)).collect()
}

fn comment_row(ticket: TicketId, row: &Row) -> Result<Comment, QueryError> {
    let mut columns = Columns::of(row);
    Ok(Comment {
        ticket,
        id: CommentId::from_uuid(columns.value()?),
        author: AccountId::from_uuid(columns.value()?),
        body: columns.text()?,
        visibility: columns.spelled()?,
        created_at: columns.time()?,
    })
}

/// All attachments of a ticket, newest first; none if it is deleted.
pub async fn attachments(pool: &Pool, ticket: TicketId) -> Result<Vec<Attachment>, QueryError> {
    let client = pool.get().await?;
    let statement = client
        .prepare_cached(
            "SELECT a.id, a.uploader, a.file_name, a.size, a.media_type, a.sha256, a.created_at
             FROM read_tickets.attachments a JOIN read_tickets.tickets t ON t.id = a.ticket
             WHERE a.ticket = $1 AND NOT t.deleted ORDER BY a.version DESC",
        )
        .await?;
    let rows = client.query(&statement, &[&ticket.as_uuid()]).await?;
    rows.iter().map(|row| attachment_row(ticket, row)).collect()
}

/// One attachment of a ticket; none if there is none or the ticket is deleted.
pub async fn attachment(
    pool: &Pool,
    ticket: TicketId,
    id: AttachmentId,
) -> Result<Option<Attachment>, QueryError> {
    let client = pool.get().await?;
    let statement = client
        .prepare_cached(
            "SELECT a.id, a.uploader, a.file_name, a.size, a.media_type, a.sha256, a.created_at
             FROM read_tickets.attachments a JOIN read_tickets.tickets t ON t.id = a.ticket
             WHERE a.ticket = $1 AND a.id = $2 AND NOT t.deleted ORDER BY a.version LIMIT 1",
        )
        .await?;
    let row = client
        .query_opt(&statement, &[&ticket.as_uuid(), &id.as_uuid()])
        .await?;
    row.map(|row| attachment_row(ticket, &row)).transpose()
}

fn attachment_row(ticket: TicketId, row: &Row) -> Result<Attachment, QueryError> {
    let mut columns = Columns::of(row);
    Ok(Attachment {
        ticket,
        id: AttachmentId::from_uuid(columns.value()?),
        uploader: AccountId::from_uuid(columns.value()?),
        file_name: columns.text()?,
        size: columns.count()?,
        media_type: columns.text::<MediaType>()?,
        sha256: columns.text::<Sha256>()?,
        created_at: columns.time()?,
    })
}

/// Reads a row of [`columns`].
pub(crate) fn ticket_row(row: &Row) -> Result<TicketRow, QueryError> {
    let mut columns = Columns::of(row);
    let id = TicketId::from_uuid(columns.value()?);
    let (version, position) = (columns.value()?, columns.value()?);
    let ticket = Ticket {
        id,
        title: columns.text()?,
        description: columns.text()?,
        status: columns.spelled()?,
        priority: columns.spelled()?,
        category: columns.spelled()?,
        requester: AccountId::from_uuid(columns.value()?),
        assignee: columns.value::<Option<_>>()?.map(AccountId::from_uuid),
        created_at: columns.time()?,
        updated_at: columns.time()?,
        resolved_at: columns.optional_time()?,
        public_comments: columns.count()?,
        internal_comments: columns.count()?,
        attachments: columns.count()?,
        attachment_bytes: columns.count()?,
        deleted: columns.value()?,
    };
    Ok(TicketRow {
        ticket,
        version,
        position,
    })
}
