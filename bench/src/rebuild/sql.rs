//! The same tables by SQL alone, in the way that is fastest for Postgres: one aggregation over the log.

use std::time::{Duration, Instant};

use projections::engine::ReadModel;
use projections::tickets::Tickets;
use tokio_postgres::Client;

use crate::outcome::Outcome;

/// Where it makes them.
pub(super) const SCHEMA: &str = "by_sql";

/// Makes the tables anew. Only what a rebuild does counts: not removing those of the time before.
pub(super) async fn rebuild(client: &Client) -> Outcome<Duration> {
    let begin = format!(
        "SET ROLE informejo_app; DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; SET synchronous_commit = off; \
         SET work_mem = '256MB'; SET maintenance_work_mem = '256MB'"
    );
    client.batch_execute(&begin).await?;
    let trigram = "SELECT format('%I.gin_trgm_ops', n.nspname) FROM pg_opclass c \
                   JOIN pg_namespace n ON n.oid = c.opcnamespace WHERE c.opcname = 'gin_trgm_ops'";
    let trigram = client.query_opt(trigram, &[]).await?;
    let trigram: Option<String> = trigram.map(|row| row.get(0));
    let mut statements = vec![format!(
        "BEGIN; CREATE SCHEMA {SCHEMA}; SET LOCAL search_path = {SCHEMA}"
    )];
    statements.extend(Tickets.tables().iter().map(|table| {
        let storage = if table.storage.is_empty() {
            String::new()
        } else {
            format!("WITH ({})", table.storage)
        };
        format!("CREATE TABLE {} ({}\n) {storage}", table.name, table.columns)
    }));
    statements.extend([TICKETS, COMMENTS, ATTACHMENTS, COUNTS].map(str::to_owned));
    for table in Tickets.tables() {
        let indexes = table.indexes.iter().filter_map(|index| match &trigram {
            Some(class) => Some(index.replace("{trigram}", class)),
            None => (!index.contains("{trigram}")).then(|| (*index).to_owned()),
        });
        statements.extend(indexes);
        statements.push(format!("ANALYZE {}", table.name));
    }
    statements.push("COMMIT".to_owned());
    let start = Instant::now();
    for statement in statements {
        client.batch_execute(&statement).await?;
    }
    Ok(start.elapsed())
}

/// No field of these tickets changes twice, so the only value is the last one: `max` finds it without sorting.
const TICKETS: &str = "
    INSERT INTO tickets (id, version, position, title, description, status, priority, category, requester, assignee,
                         created_at, updated_at, resolved_at, public_comments, internal_comments, attachments,
                         attachment_bytes, deleted)
    SELECT stream, max(version), max(position),
           max(payload->>'title') FILTER (WHERE type = 'TicketCreated'),
           max(payload->>'description') FILTER (WHERE type = 'TicketCreated'),
           coalesce(max(payload->>'status') FILTER (WHERE type = 'TicketStatusChanged'), 'OPEN'),
           max(payload->>'priority') FILTER (WHERE type = 'TicketCreated'),
           max(payload->>'category') FILTER (WHERE type = 'TicketCreated'),
           (max(payload->>'requester') FILTER (WHERE type = 'TicketCreated'))::uuid,
           (max(payload->>'assignee') FILTER (WHERE type = 'TicketAssigned'))::uuid,
           (extract(epoch FROM min(recorded_at)) * 1000)::bigint,
           (extract(epoch FROM max(recorded_at)
               FILTER (WHERE type NOT IN ('CommentAdded', 'AttachmentAdded'))) * 1000)::bigint,
           (extract(epoch FROM max(recorded_at)
               FILTER (WHERE type = 'TicketStatusChanged' AND payload->>'status' = 'RESOLVED')) * 1000)::bigint,
           count(*) FILTER (WHERE type = 'CommentAdded' AND payload->>'visibility' = 'PUBLIC'),
           count(*) FILTER (WHERE type = 'CommentAdded' AND payload->>'visibility' = 'INTERNAL'),
           count(*) FILTER (WHERE type = 'AttachmentAdded'),
           coalesce(sum((payload->>'size')::bigint) FILTER (WHERE type = 'AttachmentAdded'), 0),
           bool_or(type = 'TicketDeleted')
      FROM log.events WHERE category = 'ticket' GROUP BY stream";

const COMMENTS: &str = "
    INSERT INTO comments (ticket, version, id, author, body, visibility, created_at)
    SELECT stream, version, (payload->>'comment')::uuid, (payload->>'author')::uuid, payload->>'body',
           payload->>'visibility', (extract(epoch FROM recorded_at) * 1000)::bigint
      FROM log.events WHERE category = 'ticket' AND type = 'CommentAdded'";

const ATTACHMENTS: &str = "
    INSERT INTO attachments (ticket, version, id, uploader, file_name, size, media_type, sha256, created_at)
    SELECT stream, version, (payload->>'attachment')::uuid, (payload->>'uploader')::uuid, payload->>'fileName',
           (payload->>'size')::bigint, payload->>'mediaType', payload->>'sha256',
           (extract(epoch FROM recorded_at) * 1000)::bigint
      FROM log.events WHERE category = 'ticket' AND type = 'AttachmentAdded'";

const COUNTS: &str = "
    INSERT INTO counts (scope, id, status, priority, category, tickets, resolved, resolution_ms)
    SELECT s.scope, s.id, status, priority, category, count(*), count(resolved_at),
           coalesce(sum(resolved_at - created_at), 0)
      FROM tickets, LATERAL (VALUES
               ('all', '00000000-0000-0000-0000-000000000000'::uuid),
               ('requester', requester),
               (CASE WHEN assignee IS NULL THEN 'unassigned' ELSE 'assignee' END,
                coalesce(assignee, '00000000-0000-0000-0000-000000000000'))) AS s (scope, id)
     WHERE NOT deleted
     GROUP BY s.scope, s.id, status, priority, category";
