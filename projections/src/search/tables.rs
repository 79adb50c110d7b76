//! The tables: the words of every text, not the texts, which the read model `tickets` has. What is deleted keeps its rows;
//! the read model `tickets` knows that it is.

use crate::engine::Table;

/// Place of each table in [`TABLES`].
pub(super) const TICKETS: usize = 0;
pub(super) const TEXTS: usize = 1;
pub(super) const WORDS: usize = 2;

// Entries are put into the indexes at once: otherwise whoever searches looks through a list of those that are not yet.

/// In the order of the places above.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "tickets",
        columns: "
            ticket      uuid     NOT NULL,
            requester   uuid     NOT NULL,
            position    bigint   NOT NULL, -- of its first event
            title       tsvector NOT NULL, -- with the marks of that position
            description tsvector NOT NULL",
        storage: "",
        keys: &["ALTER TABLE tickets ADD PRIMARY KEY (ticket)"],
        indexes: &[
            "CREATE INDEX tickets_by_title ON tickets USING gin (title) WITH (fastupdate = off)",
            "CREATE INDEX tickets_by_words ON tickets USING gin ((title || description)) WITH (fastupdate = off)",
            "CREATE INDEX tickets_by_number ON tickets (right(ticket::text, 8))",
            "CREATE INDEX tickets_by_requester ON tickets (requester, position DESC)",
        ],
    },
    // What was said about a ticket later: comments and the names of files. The version of its event names each.
    Table {
        name: "texts",
        columns: "
            ticket   uuid     NOT NULL,
            version  bigint   NOT NULL,
            kind     text     NOT NULL, -- comment, file
            position bigint   NOT NULL,
            reader   uuid,              -- the requester, if they may know of it
            words    tsvector NOT NULL",
        storage: "",
        keys: &["ALTER TABLE texts ADD PRIMARY KEY (ticket, version)"],
        indexes: &[
            "CREATE INDEX texts_by_words ON texts USING gin (words) WITH (fastupdate = off)",
            "CREATE INDEX texts_by_reader ON texts (reader, position DESC) WHERE reader IS NOT NULL",
        ],
    },
    // Every word that was ever said, for whoever may read everything: what goes on as somebody began to type, and what
    // they may have meant. Its key is no word, because keys are shown to operators.
    Table {
        name: "words",
        columns: "
            id    bigint NOT NULL,
            word  text   COLLATE \"C\" NOT NULL,
            texts bigint NOT NULL -- in how many texts",
        storage: "fillfactor = 70",
        keys: &["ALTER TABLE words ADD PRIMARY KEY (id)"],
        indexes: &[
            "CREATE INDEX words_by_word ON words (word)",
            "CREATE INDEX words_alike ON words USING gin (word {trigram})",
        ],
    },
];
