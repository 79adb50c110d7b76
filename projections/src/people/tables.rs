//! The table. Times are milliseconds since the Unix epoch; keys are in lower case, to be compared and sorted by.

use crate::engine::Table;

pub(super) const TABLES: &[Table] = &[Table {
    name: "people",
    columns: "
        id         uuid    NOT NULL,
        version    bigint  NOT NULL,
        position   bigint  NOT NULL,
        email      text    NOT NULL,
        email_key  text    NOT NULL COLLATE \"C\",
        name       text    NOT NULL,
        name_key   text    NOT NULL COLLATE \"C\",
        role       text    NOT NULL,
        department text,
        active     boolean NOT NULL,
        notifications text NOT NULL,
        created_at bigint  NOT NULL,
        updated_at bigint  NOT NULL",
    storage: "fillfactor = 85",
    keys: &["ALTER TABLE people ADD PRIMARY KEY (id)"],
    indexes: &[
        "CREATE INDEX people_by_email ON people (email_key)",
        "CREATE INDEX people_by_name ON people (name_key, id)",
        "CREATE INDEX people_newest ON people (created_at DESC, id DESC)",
        "CREATE INDEX people_by_email_part ON people USING gin (email_key {trigram})",
        "CREATE INDEX people_by_name_part ON people USING gin (name_key {trigram})",
    ],
}];
