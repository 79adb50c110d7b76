//! Read models: what people look at, computed from the log, and disposable.
//!
//! - [`engine`] brings every read model of the [`registry`] to the head of the log and keeps it there: batches, leases,
//!   parking, rebuilds.
//! - [`tickets`], [`people`], [`history`] and [`search`] are the read models: tables, fold and queries of each.
//!
//! A new read model is one folder and one line in the registry. Nothing here appends to the log, and nothing outside
//! says SQL to the schemas `read_…`. This crate must not know: who may read what, and how anything looks as JSON.

pub mod engine;
mod error;
pub mod history;
pub mod people;
pub mod registry;
pub mod search;
mod stored;
pub mod tickets;

pub use engine::{Engine, Options, Projections};
pub use error::{EngineError, Lagging, QueryError, Source};
