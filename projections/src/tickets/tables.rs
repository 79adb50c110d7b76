//! The tables. Times are milliseconds since the Unix epoch. A deleted ticket keeps its row, so that it can be told from
//! one that never was; no index for lists has it.

use crate::engine::Table;

/// Place of each table in [`TABLES`].
pub(super) const TICKETS: usize = 0;
pub(super) const COMMENTS: usize = 1;
pub(super) const ATTACHMENTS: usize = 2;
pub(super) const COUNTS: usize = 3;

/// In the order of the places above.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "tickets",
        columns: "
            id                uuid    NOT NULL,
            version           bigint  NOT NULL,
            position          bigint  NOT NULL,
            title             text    NOT NULL,
            description       text    NOT NULL,
            status            text    NOT NULL,
            priority          text    NOT NULL,
            category          text    NOT NULL,
            requester         uuid    NOT NULL,
            assignee          uuid,
            created_at        bigint  NOT NULL,
            updated_at        bigint  NOT NULL,
            resolved_at       bigint,
            public_comments   bigint  NOT NULL,
            internal_comments bigint  NOT NULL,
            attachments       bigint  NOT NULL,
            attachment_bytes  bigint  NOT NULL,
            deleted           boolean NOT NULL",
        storage: "fillfactor = 85",
        keys: &["ALTER TABLE tickets ADD PRIMARY KEY (id)"],
        indexes: &[
            "CREATE INDEX tickets_newest ON tickets (created_at DESC, id DESC) WHERE NOT deleted",
            "CREATE INDEX tickets_by_status ON tickets (status, created_at DESC, id DESC) WHERE NOT deleted",
            "CREATE INDEX tickets_by_priority ON tickets (priority, created_at DESC, id DESC) WHERE NOT deleted",
            "CREATE INDEX tickets_by_category ON tickets (category, created_at DESC, id DESC) WHERE NOT deleted",
            "CREATE INDEX tickets_by_requester ON tickets (requester, created_at DESC, id DESC) WHERE NOT deleted",
            "CREATE INDEX tickets_by_assignee ON tickets (assignee, created_at DESC, id DESC) WHERE NOT deleted",
            "CREATE INDEX tickets_updated ON tickets (updated_at DESC, id DESC) WHERE NOT deleted",
            "CREATE INDEX tickets_updated_by_status ON tickets (status, updated_at DESC, id DESC) WHERE NOT deleted",
            "CREATE INDEX tickets_by_status_and_priority
             ON tickets (status, priority, created_at DESC, id DESC) WHERE NOT deleted",
            "CREATE INDEX tickets_by_assignee_and_priority
             ON tickets (assignee, priority, created_at DESC, id DESC) WHERE NOT deleted",
            "CREATE INDEX tickets_by_title ON tickets USING gin (title {trigram}) WHERE NOT deleted",
        ],
    },
    // The version of its event names a comment: the log has each only once, whatever id the comment was given.
    Table {
        name: "comments",
        columns: "
            ticket     uuid   NOT NULL,
            version    bigint NOT NULL,
            id         uuid   NOT NULL,
            author     uuid   NOT NULL,
            body       text   NOT NULL,
            visibility text   NOT NULL,
            created_at bigint NOT NULL",
        storage: "",
        keys: &["ALTER TABLE comments ADD PRIMARY KEY (ticket, version)"],
        indexes: &[],
    },
    Table {
        name: "attachments",
        columns: "
            ticket     uuid   NOT NULL,
            version    bigint NOT NULL,
            id         uuid   NOT NULL,
            uploader   uuid   NOT NULL,
            file_name  text   NOT NULL,
            size       bigint NOT NULL,
            media_type text   NOT NULL,
            sha256     text   NOT NULL,
            created_at bigint NOT NULL",
        storage: "",
        keys: &["ALTER TABLE attachments ADD PRIMARY KEY (ticket, version)"],
        indexes: &[],
    },
    // How many tickets there are, and how long those that are done took. Deleted ones are not counted.
    Table {
        name: "counts",
        columns: "
            scope         text   NOT NULL, -- all, requester, assignee, unassigned
            id            uuid   NOT NULL, -- whose; all zeros for the scopes without
            status        text   NOT NULL,
            priority      text   NOT NULL,
            category      text   NOT NULL,
            tickets       bigint NOT NULL,
            resolved      bigint NOT NULL, -- how many of them have a time of resolution
            resolution_ms bigint NOT NULL  -- the sum of their times from beginning to resolution",
        storage: "fillfactor = 50",
        keys: &["ALTER TABLE counts ADD PRIMARY KEY (scope, id, status, priority, category)"],
        indexes: &[],
    },
];
