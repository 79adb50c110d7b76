//! Identity against a real Postgres, as the role that the server runs as.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test's helpers fail the test by panicking"
)]

mod access_codes;
mod api_tokens;
mod cluster;
mod devices;
mod limits;
mod logins;
mod people;
mod registrations;
mod resets;
mod secrecy;
mod sessions;
