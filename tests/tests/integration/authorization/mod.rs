//! Who may do what, over HTTP: every operation of the OpenAPI document × every kind of person (A1–A3).

mod cast;
mod matrix;
mod table;
