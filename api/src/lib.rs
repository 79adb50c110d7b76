//! HTTP: the server, and everything that clients reach by a URL. Thin: decides nothing about tickets, and the only crate
//! besides `ops` that knows axum.

pub mod server;
