//! Tickets, their comments and attachments, and the figures about them.
//!
//! `shown` is what the endpoints have in common; `form`, `upload`, `part`, `file_name` and `disposition` are about files on
//! their way in and out.

mod attach;
mod comment;
mod create;
mod delete;
mod diff;
mod disposition;
mod download;
mod file_name;
mod form;
mod history;
mod list;
mod part;
mod read;
mod search;
mod shown;
mod stats;
mod submit;
mod update;
mod upload;

pub(super) use submit::{FILES_MAX, submission_bytes_max};

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_tickets, create::create_ticket))
        .routes(routes!(submit::submit_ticket))
        .routes(routes!(
            read::get_ticket,
            update::update_ticket,
            delete::delete_ticket
        ))
        .routes(routes!(history::list_ticket_history))
        .routes(routes!(diff::diff_ticket))
        .routes(routes!(comment::add_comment))
        .routes(routes!(attach::add_attachment))
        .routes(routes!(download::download_attachment))
        .routes(routes!(stats::get_stats))
        .routes(routes!(search::search_tickets))
}
