//! `GET /reset-password`: to choose a new password.

use http::HeaderMap;
use maud::html;

use super::{form, page, password};

/// The page.
pub(super) async fn get_page() -> (HeaderMap, String) {
    let fields = password(
        "newPassword",
        "New password",
        "8 to 128 characters, none of the most common passwords.",
        "new-password",
        true,
    );
    let contents = html! {
        p.lead { "Choose a new password. You are then signed out everywhere else." }
        (form("/api/auth/password/reset", "Set the password", "Your password is set. You can sign in with it now.", &fields))
    };
    page("New password", &contents)
}
