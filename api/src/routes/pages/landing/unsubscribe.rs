//! `GET /unsubscribe`: to get no more mail about tickets.

use http::HeaderMap;
use maud::html;

use super::{form, page};

/// The page.
pub(super) async fn get_page() -> (HeaderMap, String) {
    let contents = html! {
        p.lead { "You get no more mail about tickets. Mail that lets you in, such as for a new password, still comes." }
        (form("/api/mail/unsubscribe/{token}", "Unsubscribe", "Done: no more mail about tickets.", &html! {}))
    };
    page("Unsubscribe", &contents)
}
