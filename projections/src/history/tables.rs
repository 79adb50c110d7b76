//! The tables. Times are milliseconds since the Unix epoch.
//!
//! What changes together stands together, with the range of positions in which it was so: from its first position up to,
//! and without, `until_position`. What still is so has [`OPEN`] there. A deleted ticket's ranges end with it. So what was
//! so at a position is what is in range there, and long texts are not repeated with every change of a status.

use eventlog::Position;

use crate::engine::Table;

/// The end of what has not ended.
pub(super) const OPEN: Position = Position::MAX;

/// Place of each table in [`TABLES`].
pub(super) const FIELDS: usize = 0;
pub(super) const TITLES: usize = 1;
pub(super) const DESCRIPTIONS: usize = 2;
pub(super) const COUNTERS: usize = 3;
pub(super) const DELETIONS: usize = 4;
pub(super) const HIGHS: usize = 5;

/// In the order of the places above.
pub(super) const TABLES: &[Table] = &[
    // The order of lists stands in the indexes, and the range behind it: so what is out of range is passed over within
    // the index.
    Table {
        name: "fields",
        columns: "
            id             uuid   NOT NULL, -- the ticket
            from_position  bigint NOT NULL,
            until_position bigint NOT NULL,
            status         text   NOT NULL,
            priority       text   NOT NULL,
            category       text   NOT NULL,
            requester      uuid   NOT NULL,
            assignee       uuid,
            created_at     bigint NOT NULL,
            updated_at     bigint NOT NULL,
            resolved_at    bigint",
        storage: "",
        keys: &["ALTER TABLE fields ADD PRIMARY KEY (id, from_position)"],
        indexes: &[
            "CREATE INDEX fields_newest ON fields (created_at DESC, id DESC, from_position, until_position)",
            "CREATE INDEX fields_by_status
             ON fields (status, created_at DESC, id DESC, from_position, until_position)",
            "CREATE INDEX fields_by_priority
             ON fields (priority, created_at DESC, id DESC, from_position, until_position)",
            "CREATE INDEX fields_by_category
             ON fields (category, created_at DESC, id DESC, from_position, until_position)",
            "CREATE INDEX fields_by_requester
             ON fields (requester, created_at DESC, id DESC, from_position, until_position)",
            "CREATE INDEX fields_by_assignee
             ON fields (assignee, created_at DESC, id DESC, from_position, until_position)",
        ],
    },
    Table {
        name: "titles",
        columns: "
            id             uuid   NOT NULL,
            from_position  bigint NOT NULL,
            until_position bigint NOT NULL,
            title          text   NOT NULL",
        storage: "",
        keys: &["ALTER TABLE titles ADD PRIMARY KEY (id, from_position)"],
        indexes: &["CREATE INDEX titles_by_part ON titles USING gin (title {trigram})"],
    },
    // Without an end: looked up by ticket, and the last one that begins early enough is it.
    Table {
        name: "descriptions",
        columns: "
            id            uuid   NOT NULL,
            from_position bigint NOT NULL,
            description   text   NOT NULL",
        storage: "",
        keys: &["ALTER TABLE descriptions ADD PRIMARY KEY (id, from_position)"],
        indexes: &[],
    },
    // One row is one event of a ticket, and how much the ticket has had since. The same holds for its end.
    Table {
        name: "counters",
        columns: "
            id                uuid   NOT NULL,
            from_position     bigint NOT NULL,
            previous_position bigint NOT NULL, -- of the ticket's event before; 0 for its first one
            version           bigint NOT NULL,
            public_comments   bigint NOT NULL,
            internal_comments bigint NOT NULL,
            attachments       bigint NOT NULL,
            attachment_bytes  bigint NOT NULL",
        storage: "",
        keys: &["ALTER TABLE counters ADD PRIMARY KEY (id, from_position)"],
        indexes: &["CREATE INDEX counters_in_order ON counters (from_position, previous_position)"],
    },
    Table {
        name: "deletions",
        columns: "
            id       uuid   NOT NULL,
            position bigint NOT NULL",
        storage: "",
        keys: &["ALTER TABLE deletions ADD PRIMARY KEY (id)"],
        indexes: &[],
    },
    // Where a ticket began later, by the clock, than all before it: so the last row up to a position says how far down
    // the newest tickets of that moment begin. Clocks that were set back leave no row.
    Table {
        name: "highs",
        columns: "
            position   bigint NOT NULL,
            created_at bigint NOT NULL",
        storage: "",
        keys: &["ALTER TABLE highs ADD PRIMARY KEY (position)"],
        indexes: &[],
    },
];
