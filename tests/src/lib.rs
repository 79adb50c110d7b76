//! What the integration tests stand on: a Postgres for the run and a database for each test, a proxy that misbehaves on
//! demand, the official Socket.IO client, the whole server in this process or as a program, and a checker that
//! compares what clients were promised with what the log has.
//!
//! Helpers go through public doors (HTTP, Socket.IO, the program's verbs) and panic when something is wrong. Waiting is
//! for a state, never for a while: [`wait`].
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test's helpers fail the test by panicking"
)]

pub mod app;
pub mod browser;
pub mod chaos_proxy;
pub mod checker;
pub mod dice;
pub mod first_admin;
pub mod foreign;
pub mod mailbox;
pub mod oidc;
pub mod postgres;
pub mod process;
pub mod raw_ws;
pub mod second_opinion;
pub mod secrecy;
pub mod smtp;
pub mod socketio;
pub mod wait;
pub mod workload;

mod run_folder;
