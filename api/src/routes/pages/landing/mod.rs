//! Where the links in mails lead, until there is a web client.
//!
//! A link's token stands after the `#` of its URL, which browsers send to nobody: not to a server, whose log it would
//! be in, and not in a `Referer`. So these pages are the same for everybody, and a script ([`SCRIPT`]) sends the token,
//! by POST and only when the person says so: mail scanners follow links, but they press no buttons.

mod confirm;
mod guest;
mod link_account;
mod reset;
mod unsubscribe;

use axum::routing::get;
use http::HeaderMap;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use maud::{DOCTYPE, Markup, html};
use utoipa_axum::router::OpenApiRouter;

use super::html_headers;
use super::style;
use crate::state::AppState;

/// Where the pages find their script.
const SCRIPT: &str = "/landing.js";

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .route("/register/confirm", get(confirm::get_page))
        .route("/reset-password", get(reset::get_page))
        .route("/tickets/view", get(guest::get_page))
        .route("/tickets/view/{id}", get(guest::get_page))
        .route("/link-account", get(link_account::get_page))
        .route("/unsubscribe", get(unsubscribe::get_page))
        .route(SCRIPT, get(get_script))
}

async fn get_script() -> ([(http::HeaderName, &'static str); 2], &'static str) {
    let headers = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, include_str!("../../../../assets/landing.js"))
}

/// A page with this heading and these contents.
fn page(heading: &str, contents: &Markup) -> (HeaderMap, String) {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (heading) " · Informejo" }
                link rel="stylesheet" href=(style::PATH);
                script src=(SCRIPT) defer {}
            }
            body.home.landing {
                main {
                    p.mark aria-hidden="true" { "i" }
                    h1 { (heading) }
                    noscript { p.said { "This page needs JavaScript to send what you enter." } }
                    (contents)
                }
                footer { a.quiet href="/" { "Informejo" } }
            }
        }
    };
    (html_headers(), page.into_string())
}

/// A form that the script sends to `to` as JSON, together with the token behind the `#`. `done` is said when it worked.
fn form(to: &str, button: &str, done: &str, fields: &Markup) -> Markup {
    html! {
        form data-to=(to) data-done=(done) {
            (fields)
            button.button type="submit" { (button) }
            p.said role="status" aria-live="polite" {}
        }
    }
}

/// A field for a password.
fn password(name: &str, label: &str, hint: &str, autocomplete: &str, required: bool) -> Markup {
    let hint_id = format!("{name}-hint");
    html! {
        label for=(name) { (label) }
        input id=(name) name=(name) type="password" required[required] autocomplete=(autocomplete) aria-describedby=(hint_id);
        p.hint id=(hint_id) { (hint) }
    }
}
