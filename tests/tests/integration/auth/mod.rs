//! `/api/auth`: registering, signing in and out, passwords, and what keeps others out.

mod confirm;
mod cross_site;
mod login;
mod own_sessions;
mod password;
mod register;
mod reset;
mod sessions;
mod tokens;
mod update_me;
