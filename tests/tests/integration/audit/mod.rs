//! What auditors can prove, and what the record says of them.

mod access;
