//! What auditors can prove, and what the record says of them.

mod access;
mod copy;
mod diff;
mod evidence;
mod heads;
mod log;
mod long;
mod past;
mod replay;
mod tamper;
mod time_travel;
mod verbs;
mod verification;
