//! What every request goes through, from the outside in:
//!
//! ```text
//! request id · span · access log ─▶ security headers ─▶ panic ─▶ (realtime) ─▶ cors ─▶ csrf ─▶ time limit ─▶ handler
//! ```
//!
//! Realtime stands outside of what is about the API only: it checks origins itself, and its requests last.

mod access_log;
mod cors;
mod csrf;
mod headers;
mod origins;
mod panic;
mod request_id;
mod time_limit;

pub(crate) use access_log::{RequestLog, observe};
pub(crate) use cors::cors;
pub(crate) use csrf::refuse_cross_site;
pub(crate) use headers::security_headers;
pub(crate) use origins::Origins;
pub(crate) use panic::catch_panic;
pub use request_id::RequestId;
pub(crate) use time_limit::limit_time;
