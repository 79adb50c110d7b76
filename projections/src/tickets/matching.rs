//! Whether a ticket is in a list, without asking the database: what [`list`](super::list()) finds, as a function.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use deadpool_postgres::Pool;
use domain::ticket::Ticket;

use super::list::{AssigneeFilter, Filter};
use crate::error::QueryError;

/// How the database makes letters small when it looks for a text: its own locale decides, and no two need agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Letters {
    /// Each letter for itself; those that are not here stay as they are.
    Each(HashMap<char, String>),
    /// By all rules of Unicode, also those that look at a letter's neighbours.
    Unicode,
}

/// At a word's end, this capital becomes another small letter than elsewhere, for whoever looks at neighbours.
const BY_NEIGHBOUR: &str = "\u{391}\u{3a3}";

impl Letters {
    /// Asks the database. It takes one statement.
    pub async fn of(pool: &Pool) -> Result<Self, QueryError> {
        let capitals = || ('\0'..=char::MAX).filter(|letter| !letter.to_lowercase().eq([*letter]));
        let asked: Vec<String> = capitals().map(String::from).collect();
        let client = pool.get().await?;
        let row = client
            .query_one(
                "SELECT lower($1::text), ARRAY(SELECT lower(letter) FROM unnest($2::text[]) WITH ORDINALITY AS l (letter, place)
                                         ORDER BY place)",
                &[&BY_NEIGHBOUR, &asked],
            )
            .await?;
        let by_neighbour: String = row.try_get(0)?;
        if by_neighbour == BY_NEIGHBOUR.to_lowercase() {
            return Ok(Self::Unicode);
        }
        let small: Vec<String> = row.try_get(1)?;
        let pairs = capitals().zip(small);
        Ok(Self::Each(
            pairs
                .filter(|(letter, small)| !small.chars().eq([*letter]))
                .collect(),
        ))
    }

    /// The text in small letters.
    pub fn small(&self, text: &str) -> String {
        match self {
            Self::Unicode => text.to_lowercase(),
            Self::Each(small) => {
                let mut lowered = String::with_capacity(text.len());
                for letter in text.chars() {
                    match small.get(&letter) {
                        Some(small) => lowered.push_str(small),
                        None => lowered.push(letter),
                    }
                }
                lowered
            }
        }
    }
}

/// A filter that is asked of many tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    filter: Filter,
    letters: Arc<Letters>,
    /// The part of the title, in small letters.
    part: Option<String>,
}

/// A ticket's title in small letters, made when the first filter wants it and kept for the others.
pub type SmallTitle = OnceLock<String>;

impl Matcher {
    /// For `filter`, in a database that knows these letters.
    pub fn new(filter: Filter, letters: Arc<Letters>) -> Self {
        let part = filter.title_part.as_deref().map(|part| letters.small(part));
        Self {
            filter,
            letters,
            part,
        }
    }

    /// What is asked.
    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Whether [`list`](super::list()) would find the ticket, by the same filter. `title` is the ticket's own, or
    /// empty; all filters that are asked of it must be of the same database.
    pub fn fits(&self, ticket: &Ticket, title: &SmallTitle) -> bool {
        let Filter {
            status,
            priority,
            category,
            assignee,
            requester,
            title_part: _,
        } = &self.filter;
        !ticket.deleted
            && (status.is_empty() || status.contains(&ticket.status))
            && (priority.is_empty() || priority.contains(&ticket.priority))
            && (category.is_empty() || category.contains(&ticket.category))
            && requester.is_none_or(|requester| requester == ticket.requester)
            && match assignee {
                None => true,
                Some(AssigneeFilter::Unassigned) => ticket.assignee.is_none(),
                Some(AssigneeFilter::Of(agent)) => ticket.assignee == Some(*agent),
            }
            && self.part.as_ref().is_none_or(|part| {
                let title = title.get_or_init(|| self.letters.small(ticket.title.as_str()));
                title.contains(part.as_str())
            })
    }
}
