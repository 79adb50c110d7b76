//! `GET /tickets/view/{id}`: a guest's tickets.

use http::HeaderMap;
use maud::html;

use super::{form, page};

/// The page. What it shows is what the guest's session may read: the script asks for it.
pub(super) async fn get_page() -> (HeaderMap, String) {
    let code = html! {
        label for="code" { "Access code" }
        input #code name="code" autocomplete="one-time-code" spellcheck="false" autocapitalize="characters"
            placeholder="XXXX-XXXX-XXXX-XXXX";
        p.hint { "It is in the mail that you got. You need none if you followed the link there." }
    };
    let email = html! {
        label for="email" { "E-mail address" }
        input #email name="email" type="email" required autocomplete="email";
    };
    let comment = html! {
        label for="content" { "Your answer" }
        textarea #content name="content" rows="5" required {}
    };
    let file = html! {
        label for="file" { "A file" }
        input #file name="file" type="file" required;
    };
    let contents = html! {
        section #way-in {
            p.lead { "Open the tickets that you have sent us." }
            (form("/api/guest/session", "Open", "", &code))
            details {
                summary { "The link or the code does not work any more?" }
                (form("/api/guest/link", "Send me another link", "If there are tickets of yours, a link is on its way.", &email))
            }
        }
        section #ticket hidden {
            p #facts {}
            p #description .text {}
            h2 { "Updates and comments" }
            ol #comments {}
            h2 { "Files" }
            ul #files {}
            (form("/api/tickets/{ticket}/comments", "Answer", "Sent.", &comment))
            (form("/api/tickets/{ticket}/attachments", "Attach", "Attached.", &file))
        }
        section #others hidden {
            h2 { "Your tickets" }
            ul #list {}
        }
    };
    page("Your ticket", &contents)
}
