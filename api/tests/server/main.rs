//! The HTTP server over real TCP connections: its limits, its caps, and its end.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that panics has failed"
)]

mod caps;
mod fixture;
mod limits;
mod origin;
mod refusals;
mod shutdown;
mod upgrades;
