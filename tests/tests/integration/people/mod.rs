//! `/api/users` and `/api/admin/users`.

mod access;
mod administration;
mod last_admin;
mod lists;
