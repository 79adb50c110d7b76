//! What auditors can prove, and what the record says of them.

mod access;
mod diff;
mod past;
mod replay;
mod time_travel;
