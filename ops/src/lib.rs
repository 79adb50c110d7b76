//! The program `informejo`: settings, the embedded Postgres, telemetry, signals, and one file for each verb.
//!
//! This is where everything is put together, and the only crate that reads the environment, the clock, the machine's
//! randomness, or the command line. It knows nothing of tickets but what the demo data needs.

pub mod cli;
pub mod clock;
pub mod config;
pub mod database;
pub mod demo;
pub mod doctor;
mod first_admin;
mod heads;
mod log_fields;
mod mail;
pub mod metrics;
mod options;
pub mod password;
pub mod postgres;
pub mod server;
pub mod service_manager;
mod sessions;
pub mod shutdown;
pub mod signals;
pub mod signing;
pub mod store;
pub mod telemetry;
mod traces;
pub mod verbs;
