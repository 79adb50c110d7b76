//! What is true of every answer, and the endpoints about the service itself.

mod about;
mod bad_input;
mod described;
mod figures;
mod headers;
mod methods;
pub(crate) mod operations;
