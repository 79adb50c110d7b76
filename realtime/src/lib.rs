//! realtime

pub mod connection;
