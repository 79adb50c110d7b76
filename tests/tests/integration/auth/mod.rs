//! `/api/auth`: registering, signing in and out, passwords, and what keeps others out.

mod cross_site;
mod login;
mod password;
mod register;
mod sessions;
mod update_me;
