//! `GET /`: where the desk begins, until there is a web client.

use axum::extract::State;
use http::HeaderMap;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use maud::{DOCTYPE, html};

use super::style;
use crate::state::AppState;

/// The page.
pub(super) async fn get_home(State(app): State<AppState>) -> (HeaderMap, String) {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Informejo" }
                link rel="stylesheet" href=(style::PATH);
            }
            body.home {
                main {
                    p.mark aria-hidden="true" { "i" }
                    h1 { "Informejo" }
                    p.lead { "A help desk whose only truth is an append-only log." }
                    nav aria-label="Ways in" {
                        a.button href="/docs" { "Read the API" }
                        a.quiet href="/api/openapi.json" { "OpenAPI document" }
                    }
                    dl.facts {
                        div { dt { "Sign in" } dd { code { "POST /api/auth/login" } } }
                        div { dt { "Tickets" } dd { code { "GET /api/tickets" } } }
                        div { dt { "Live" } dd { code { "/socket.io/" } } }
                    }
                }
                footer { "informejo " (app.settings.version) }
            }
        }
    };
    (html_headers(), page.into_string())
}

/// What the pages are.
pub(super) fn html_headers() -> HeaderMap {
    let values = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    values
        .into_iter()
        .map(|(name, value)| (name, http::HeaderValue::from_static(value)))
        .collect()
}
