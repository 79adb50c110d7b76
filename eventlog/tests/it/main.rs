//! The log against a real Postgres. Ids such as D5 are those of the promises in `docs/reliability.md`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failure in a test's helper fails the test"
)]

mod append;
mod append_only;
mod export;
mod format;
mod import;
mod migrate;
mod moments;
mod positions;
mod recovery;
mod safety;
mod server;
mod signed_heads;
mod streams;
mod subscription;
mod survey;
mod tamper;
mod world;
