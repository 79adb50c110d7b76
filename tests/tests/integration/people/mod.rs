//! `/api/users` and `/api/admin/users`.

mod administration;
mod last_admin;
mod lists;
