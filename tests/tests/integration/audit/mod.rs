//! What auditors can prove, and what the record says of them.

mod access;
mod diff;
mod evidence;
mod log;
mod past;
mod replay;
mod time_travel;
mod verbs;
