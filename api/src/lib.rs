//! HTTP: the server, and everything that clients reach by a URL. Thin: decides nothing about tickets, and the only crate
//! besides `ops` that knows axum.
//!
//! A request comes in by [`server`], goes through [`router()`]'s middleware, is taken apart by [`extract`]ors, and is
//! answered by one file of `routes`; what goes wrong becomes a [`problem`]. Endpoints are described where they are written;
//! [`openapi()`] collects that. [`asyncapi()`] describes what goes over Socket.IO.

mod access;
mod access_end;
pub mod answer;
mod asyncapi;
mod confirmation;
pub mod evidence;
pub mod extract;
pub mod heads;
pub mod history;
mod limits;
mod meter;
mod middleware;
mod moment;
mod oidc;
mod openapi;
pub mod operations;
mod page;
pub mod problem;
pub mod registration;
mod router;
mod routes;
mod scrape;
mod security_log;
pub mod server;
mod session;
pub mod state;
mod submission;
pub mod verification;

pub use asyncapi::asyncapi;
pub use limits::{Attempt, AttemptLimits};
pub use meter::{Answered, HttpMeter, NoMeter};
pub use middleware::RequestId;
pub use openapi::openapi;
pub use router::router;
pub use scrape::{Render, scrape_router};
pub use state::{ApiSettings, App, AppState, PageUrls};
