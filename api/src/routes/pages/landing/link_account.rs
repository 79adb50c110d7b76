//! `GET /link-account`: to let an identity provider's user into an account.

use http::HeaderMap;
use maud::html;

use super::{form, page, password};

/// The page.
pub(super) async fn get_page() -> (HeaderMap, String) {
    let fields = password(
        "password",
        "Password",
        "The password of the account that you have had here before, if it has one.",
        "current-password",
        false,
    );
    let contents = html! {
        p.lead {
            "Somebody signed in through your organisation with your e-mail address. If that was you, in this browser, enter the \
             password of your account here: from then on both ways lead to the same account. If it was not you, close this page."
        }
        (form("/api/auth/identity/link", "Link", "Linked: your organisation's sign-in now opens your account.", &fields))
    };
    page("One account", &contents)
}
