//! What can be reached, one file per endpoint: `routes/<resource>/<verb>.rs`.
//!
//! A new endpoint is one file and one line in its resource's `router`. The paths are the original's.

mod admin_users;
mod audit;
mod auth;
mod between;
mod guest;
mod mail;
mod names;
mod ops;
pub(crate) mod pages;
mod tickets;
mod users;
mod version;
mod watch;

use utoipa_axum::router::OpenApiRouter;

use crate::openapi;
use crate::state::AppState;

/// Every route, with its description.
pub(crate) fn all() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::base())
        .merge(auth::router())
        .merge(tickets::router())
        .merge(guest::router())
        .merge(users::router())
        .merge(admin_users::router())
        .merge(audit::router())
        .merge(mail::router())
        .merge(ops::router())
        .merge(version::router())
        .merge(watch::router())
        .merge(pages::router())
}
