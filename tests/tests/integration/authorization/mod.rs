//! Who may do what, over HTTP: every operation of the OpenAPI document × every kind of person (A1–A3);
//! and every event of the live protocol.

mod cast;
mod examples;
mod matrix;
mod rooms;
mod table;
mod unchanged;
