//! Where something is found: the tickets, the best ones first, and which of their texts.

use std::cmp::Reverse;
use std::collections::HashMap;

use domain::TicketId;
use eventlog::{Position, Version};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::eras::{Stretch, stretches};
use super::question::{Meanings, Number, Question};
use super::rank::{Rank, Rated};
use super::said::Reader;
use crate::error::QueryError;
use crate::stored::Columns;
use crate::tickets::{Filter, Query};

/// Most tickets that are found by their title, most that are found by title and description, and by their number.
const TICKETS_MAX: usize = 500;
/// Most comments and files that are found.
const TEXTS_MAX: usize = 1_000;

/// Nobody counts on statistics here: few rows are found by an index of words, and for each its ticket is looked up.
const PLANNING: &str =
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
    SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off; SET LOCAL work_mem = '16MB'";

/// What a ticket was found by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct By {
    /// Its number was said.
    pub(super) number: bool,
    /// Its title has all that is asked for.
    pub(super) title: bool,
    /// Its title and its description have it together.
    pub(super) words: bool,
    /// Comments that have it, by the versions of their events.
    pub(super) comments: Vec<Version>,
    /// Files whose names have it.
    pub(super) files: Vec<Version>,
}

/// All that was found.
pub(super) struct Everything {
    /// The tickets, the best ones first.
    pub(super) tickets: Vec<Rated>,
    /// Whether these are all.
    pub(super) complete: bool,
}

/// Looks for `question` among what `reader` may know of.
pub(super) async fn find(
    pool: &deadpool_postgres::Pool,
    reader: Reader,
    question: &Question,
    meanings: &Meanings,
    head: Position,
    filter: &Filter,
) -> Result<Everything, QueryError> {
    let mut looked = Looked {
        query: Query::default(),
        parts: Vec::new(),
        reader,
        filter,
    };
    if let Some(number) = question.number() {
        looked.by_number(number);
    }
    if let Some(asked) = question.tsquery(meanings) {
        match reader {
            Reader::All => looked.by_index(question, &asked, &stretches(head)),
            Reader::Requester(id) => looked.one_by_one(question, &asked, id.as_uuid()),
        }
    }
    if looked.parts.is_empty() {
        return Ok(Everything {
            tickets: Vec::new(),
            complete: true,
        });
    }
    let sql = looked.parts.join(" UNION ALL ");
    let rows = looked.query.run_planned(pool, &sql, PLANNING).await?;
    let mut found: HashMap<Uuid, (By, i64)> = HashMap::new();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for row in &rows {
        let mut columns = Columns::of(row);
        let kind: &str = columns.value()?;
        let (ticket, version): (Uuid, Version) = (columns.value()?, columns.value()?);
        let (by, updated_at) = found.entry(ticket).or_default();
        *updated_at = columns.value()?;
        let chain = match kind {
            "number" => {
                by.number = true;
                kind
            }
            "title" => {
                by.title = true;
                kind
            }
            "words" => {
                by.words = true;
                kind
            }
            "file" => {
                by.files.push(version);
                "texts"
            }
            _ => {
                by.comments.push(version);
                "texts"
            }
        };
        *counts.entry(chain).or_default() += 1;
    }
    let complete = counts.iter().all(|(chain, count)| *count < most(chain));
    let mut tickets: Vec<Rated> = found
        .into_iter()
        .map(|(ticket, (by, updated_at))| Rated {
            rank: Rank::of(&by, updated_at, TicketId::from_uuid(ticket)),
            by,
        })
        .collect();
    tickets.sort_unstable_by_key(|rated| Reverse(rated.rank));
    Ok(Everything { tickets, complete })
}

fn most(chain: &str) -> usize {
    if chain == "texts" { TEXTS_MAX } else { TICKETS_MAX }
}

/// A statement in the making: what it looks through, one after the other.
struct Looked<'a> {
    query: Query,
    parts: Vec<String>,
    reader: Reader,
    filter: &'a Filter,
}

impl Looked<'_> {
    /// The ticket of a row of `x`, if it is there and fits.
    fn ticket(&mut self) -> String {
        let mut filter = self.filter.clone();
        if let Reader::Requester(id) = self.reader {
            filter.requester = Some(id);
        }
        let conditions = self.query.every_condition(&filter);
        format!(
            "LATERAL (SELECT updated_at FROM read_tickets.tickets WHERE id = x.ticket AND NOT deleted{conditions}) AS k"
        )
    }

    fn by_number(&mut self, number: &Number) {
        let from = self.query.bind(number.from, Type::UUID);
        let to = self.query.bind(number.to, Type::UUID);
        let mut numbered = vec![format!("x.ticket BETWEEN {from} AND {to}")];
        if let Some(end) = &number.end {
            // Eight are in an index; not many tickets share them.
            let last = end.split_at(end.len() - 8).1.to_owned();
            let last = self.query.bind(last, Type::TEXT);
            let end = self.query.bind(format!("%{end}"), Type::TEXT);
            numbered.push(format!(
                "right(x.ticket::text, 8) = {last} AND x.ticket::text LIKE {end}"
            ));
        }
        let ticket = self.ticket();
        for numbered in numbered {
            self.parts.push(format!(
                "(SELECT 'number' AS kind, x.ticket, 0::bigint AS version, k.updated_at
                  FROM read_search.tickets AS x, {ticket} WHERE {numbered}
                  ORDER BY x.ticket DESC LIMIT {TICKETS_MAX})"
            ));
        }
    }

    /// By the indexes of words, stretch after stretch until there is enough: of what is everywhere the newest is found.
    fn by_index(&mut self, question: &Question, asked: &str, stretches: &[Stretch]) {
        let denied = self.denied(question, asked);
        let asked: Vec<(String, String)> = stretches
            .iter()
            .enumerate()
            .map(|(place, stretch)| {
                let query = if stretch.marks.is_empty() {
                    asked.to_owned()
                } else {
                    format!("({asked}) & ('{}')", stretch.marks.join("' | '"))
                };
                let query = self.query.bind(query, Type::TEXT);
                let until = stretch.until.map_or_else(String::new, |until| {
                    let until = self.query.bind(until, Type::INT8);
                    format!(" AND x.position < {until}")
                });
                // Only the newest stretch is short enough to be put in order.
                let order = if place == 0 {
                    " ORDER BY x.position DESC"
                } else {
                    ""
                };
                (format!("@@ {query}::tsquery{until}"), order.to_owned())
            })
            .collect();
        let ticket = self.ticket();
        for (kind, version, table, _, words, most) in PLACES {
            let columns = if table == "texts" {
                "x.ticket, x.kind, x.version"
            } else {
                "x.ticket"
            };
            let branches: Vec<String> = asked
                .iter()
                .map(|(condition, order)| {
                    let denied = if kind == TITLE { denied.as_str() } else { "" };
                    // In its order first, so that only as many tickets are looked up as are wanted.
                    format!(
                        "(SELECT {kind} AS kind, x.ticket, {version} AS version, k.updated_at
                          FROM (SELECT {columns} FROM read_search.{table} AS x
                                WHERE {words} {condition}{denied}{order}) AS x, {ticket} LIMIT {most})"
                    )
                })
                .collect();
            let branches = branches.join(" UNION ALL ");
            self.parts
                .push(format!("(SELECT * FROM ({branches}) AS b LIMIT {most})"));
        }
    }

    /// By all texts that `reader` may know of, the newest first. Asked as a function, which no index answers: how long that
    /// takes depends on these texts alone.
    fn one_by_one(&mut self, question: &Question, asked: &str, reader: Uuid) {
        let denied = self.denied(question, asked);
        let asked = self.query.bind(asked.to_owned(), Type::TEXT);
        let reader = self.query.bind(reader, Type::UUID);
        let ticket = self.ticket();
        for (kind, version, table, owner, words, most) in PLACES {
            let denied = if kind == TITLE { denied.as_str() } else { "" };
            self.parts.push(format!(
                "(SELECT {kind} AS kind, x.ticket, {version} AS version, k.updated_at
                  FROM read_search.{table} AS x, {ticket}
                  WHERE x.{owner} = {reader} AND ts_match_vq({words}, {asked}::tsquery){denied}
                  ORDER BY x.position DESC LIMIT {most})"
            ));
        }
    }

    /// What must not be in a title must not be in its description either.
    fn denied(&mut self, question: &Question, asked: &str) -> String {
        if !question.denies() {
            return String::new();
        }
        let asked = self.query.bind(asked.to_owned(), Type::TEXT);
        format!(" AND ts_match_vq(x.title || x.description, {asked}::tsquery)")
    }
}

const TITLE: &str = "'title'";

/// Where words are: what is found there, the version of its event, the table, the column of whoever may know of it, the words,
/// and how many are found at most.
const PLACES: [(&str, &str, &str, &str, &str, usize); 3] = [
    (TITLE, "0::bigint", "tickets", "requester", "x.title", TICKETS_MAX),
    (
        "'words'",
        "0::bigint",
        "tickets",
        "requester",
        "(x.title || x.description)",
        TICKETS_MAX,
    ),
    ("x.kind", "x.version", "texts", "reader", "x.words", TEXTS_MAX),
];
