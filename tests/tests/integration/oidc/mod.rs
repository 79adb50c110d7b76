//! Signing in at identity providers (A10).

mod accounts;
mod hostile;
mod linking;
mod provider;
mod refusals;
