//! `GET /register/confirm`: to finish a registration.

use http::HeaderMap;
use maud::html;

use super::{form, page, password};

/// The page.
pub(super) async fn get_page() -> (HeaderMap, String) {
    let fields = password(
        "password",
        "Password",
        "The one that you chose when you registered.",
        "current-password",
        true,
    );
    let contents = html! {
        p.lead { "Enter your password once more, and your account is ready." }
        (form("/api/auth/register/confirm", "Finish", "Your account is ready, and you are signed in.", &fields))
    };
    page("Welcome", &contents)
}
