//! What clients see: tickets, comments, attachments, people, statistics and problems as JSON.
//!
//! The keys and spellings are the original Informejo's, so that its clients can be pointed here. api and realtime
//! both build their objects with these functions; an object in `ticket:created` and an item of `GET /api/tickets`
//! cannot differ.
//!
//! This crate must not know HTTP, sockets or SQL. Everything is made of domain values, for one audience.

mod change;
mod difference;
mod history;
pub mod live;
mod person;
mod problem;
pub mod prose;
mod search;
mod stats;
mod ticket;

pub use change::{ChangeValue, FieldChange};
pub use difference::{AdditionCounts, Difference, DifferenceKind, TicketDifference};
pub use history::{Doer, DoerKind, Envelope, HistoryCommand, HistoryStep};
pub use live::{Meta, TicketDeleted};
pub use person::{Agent, Author, Me, People, Requester, Uploader, User, UserCount, UserRow};
pub use problem::{FieldProblem, Problem};
pub use search::{SearchMatch, SearchPlace, SearchResult, SearchResults, SnippetSegment};
pub use stats::{Hours, PriorityBreakdown, PriorityCounts, Stats, Tally, TicketTallies};
pub use ticket::{Attachment, Comment, Count, Ticket};
