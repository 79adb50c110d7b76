//! The program as operators meet it: its verbs, its settings, its embedded database, its log.

mod audit;
mod embedded;
mod first_admin;
mod security_log;
mod verbs;
