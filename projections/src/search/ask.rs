//! Searching: what is asked, a page at a time.

use std::collections::HashMap;

use deadpool_postgres::Pool;
use domain::TicketId;
use domain::ticket::{Attachment, Comment};
use eventlog::{Position, Version};
use futures::future::try_join;

use super::find::{By, Everything, find};
use super::meant;
use super::question::{Meanings, Question};
use super::rank::{Rank, Rated};
use super::said::Reader;
use super::snippet::{Snippet, excerpt, whole};
use crate::error::QueryError;
use crate::tickets::{self, Filter, TicketRow};

/// Most tickets on one page of results.
pub const SEARCH_LIMIT_MAX: usize = 50;
/// Most comments and most files of one ticket that are shown.
const SHOWN_MAX: usize = 3;

/// What somebody searches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Whose texts.
    pub reader: Reader,
    /// What is asked.
    pub question: Question,
    /// Of which tickets; without a part of the title.
    pub filter: Filter,
    /// Where the page begins.
    pub after: Option<Rank>,
    /// How many tickets, 1 to [`SEARCH_LIMIT_MAX`].
    pub limit: usize,
}

/// A page of what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The tickets, the best ones first.
    pub tickets: Vec<FoundTicket>,
    /// How many tickets there are on all pages.
    pub total: usize,
    /// Whether these are all that there are, or only the newest and best.
    pub complete: bool,
    /// What was looked for instead, because nothing is found by what was asked.
    pub corrected: Option<String>,
    /// Where the next page begins; none if this is the last one.
    pub next: Option<Rank>,
}

/// A ticket that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTicket {
    /// The ticket.
    pub row: TicketRow,
    /// Where in it; empty if it was found by its number.
    pub matches: Vec<Match>,
}

/// A text of a ticket that has what was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// Its title, whole.
    Title(Snippet),
    /// A stretch of its description.
    Description(Snippet),
    /// A stretch of a comment, internal or not.
    Comment(Comment, Snippet),
    /// An attachment's file name, whole.
    File(Attachment, Snippet),
}

/// Searches. `head` is how far the log has come, about.
pub async fn search(pool: &Pool, head: Position, wanted: &Wanted) -> Result<Found, QueryError> {
    let Wanted {
        reader,
        question,
        filter,
        ..
    } = wanted;
    let meanings = meant::endings(pool, *reader, question).await?;
    let everything = find(pool, *reader, question, &meanings, head, filter).await?;
    if everything.tickets.is_empty()
        && let Some(found) = corrected(pool, head, wanted).await?
    {
        return Ok(found);
    }
    page(pool, wanted, question, everything).await
}

/// What is found if mistyped words are taken for others; none if that is nothing either.
async fn corrected(pool: &Pool, head: Position, wanted: &Wanted) -> Result<Option<Found>, QueryError> {
    let Wanted {
        reader,
        question,
        filter,
        ..
    } = wanted;
    let others = meant::corrections(pool, *reader, question).await?;
    let Some(meant) = question.corrected(&others) else {
        return Ok(None);
    };
    let everything = find(pool, *reader, &meant, &Meanings::default(), head, filter).await?;
    if everything.tickets.is_empty() {
        return Ok(None);
    }
    let mut found = page(pool, wanted, &meant, everything).await?;
    found.corrected = Some(meant.typed());
    Ok(Some(found))
}

async fn page(
    pool: &Pool,
    wanted: &Wanted,
    question: &Question,
    everything: Everything,
) -> Result<Found, QueryError> {
    let Everything { tickets, complete } = everything;
    let total = tickets.len();
    let limit = wanted.limit.clamp(1, SEARCH_LIMIT_MAX);
    let mut rest = tickets
        .into_iter()
        .filter(|rated| wanted.after.is_none_or(|after| rated.rank < after));
    let page: Vec<Rated> = rest.by_ref().take(limit).collect();
    let next = page
        .last()
        .map(|rated| rated.rank)
        .filter(|_| rest.next().is_some());
    let ids: Vec<TicketId> = page.iter().map(|rated| rated.rank.ticket()).collect();
    let mut places: Vec<(TicketId, Version)> = Vec::new();
    for rated in &page {
        let shown = newest(&rated.by.comments).chain(newest(&rated.by.files));
        places.extend(shown.map(|version| (rated.rank.ticket(), version)));
    }
    let (rows, (comments, files)) =
        try_join(tickets::some(pool, &ids), tickets::texts(pool, &places)).await?;
    let mut rows: HashMap<TicketId, TicketRow> = rows.into_iter().map(|row| (row.ticket.id, row)).collect();
    let texts = Texts { comments, files };
    let tickets = page.into_iter().filter_map(|rated| {
        // It may have been deleted a moment ago.
        let row = rows.remove(&rated.rank.ticket())?;
        let matches = matches(&row, &rated.by, question, &texts);
        Some(FoundTicket { row, matches })
    });
    Ok(Found {
        tickets: tickets.collect(),
        total,
        complete,
        corrected: None,
        next,
    })
}

fn newest(versions: &[Version]) -> impl Iterator<Item = Version> {
    let mut versions = versions.to_vec();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    versions.truncate(SHOWN_MAX);
    versions.into_iter()
}

struct Texts {
    comments: Vec<(Version, Comment)>,
    files: Vec<(Version, Attachment)>,
}

fn matches(row: &TicketRow, by: &By, question: &Question, texts: &Texts) -> Vec<Match> {
    let ticket = &row.ticket;
    let mut matches = Vec::new();
    if by.title || by.words {
        matches.extend(whole(ticket.title.as_str(), question).map(Match::Title));
        matches.extend(excerpt(ticket.description.as_str(), question).map(Match::Description));
    }
    for version in newest(&by.comments) {
        let mut comments = texts.comments.iter();
        let comment = comments.find(|(at, comment)| *at == version && comment.ticket == ticket.id);
        matches.extend(comment.and_then(|(_, comment)| {
            excerpt(comment.body.as_str(), question).map(|snippet| Match::Comment(comment.clone(), snippet))
        }));
    }
    for version in newest(&by.files) {
        let mut files = texts.files.iter();
        let file = files.find(|(at, file)| *at == version && file.ticket == ticket.id);
        matches.extend(file.and_then(|(_, file)| {
            whole(file.file_name.as_str(), question).map(|snippet| Match::File(file.clone(), snippet))
        }));
    }
    matches
}
