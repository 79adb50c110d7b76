//! The texts of mails: files in `templates/`, two for each mail, checked when they are compiled. What people wrote is escaped
//! by the file's kind: in HTML everything, in plain text it is on a line of its own or quoted.

use askama::Template;
use domain::ticket::Ticket;

use super::words::{self, one_line, shown};
use crate::failure::{Failure, Reach};

/// What stands around every mail.
pub(super) struct Frame<'a> {
    /// What the desk is called.
    pub(super) desk: &'a str,
    /// Where people reach it.
    pub(super) app_url: &'a str,
    /// Why its recipient gets this mail.
    pub(super) reason: &'a str,
    /// Where they say that they want no more, if they may.
    pub(super) unsubscribe: Option<&'a str>,
}

/// A mail's text, in both kinds.
pub(super) struct Rendered {
    pub(super) text: String,
    pub(super) html: String,
}

/// Something that can be mailed.
pub(super) trait Contents {
    /// Its text.
    fn render(&self, frame: &Frame<'_>) -> Result<Rendered, Failure>;
}

/// A ticket, in short.
pub(super) struct TicketFacts {
    number: String,
    title: String,
    status: &'static str,
    priority: &'static str,
    category: &'static str,
}

impl TicketFacts {
    pub(super) fn of(ticket: &Ticket) -> Self {
        Self {
            number: words::short(ticket.id),
            title: one_line(ticket.title.as_str()),
            status: words::status(ticket.status),
            priority: words::priority(ticket.priority),
            category: words::category(ticket.category),
        }
    }
}

/// What somebody wrote, or the beginning of it.
pub(super) struct Said {
    lines: Vec<String>,
    cut: bool,
}

impl Said {
    pub(super) fn of(text: &str) -> Self {
        let (lines, cut) = shown(text);
        Self { lines, cut }
    }
}

/// How the recipient gets to the ticket.
pub(super) struct Way {
    pub(super) url: String,
    pub(super) guest: Option<GuestWay>,
}

/// What guests must know, who cannot sign in.
pub(super) struct GuestWay {
    /// How long link and code are good.
    pub(super) valid: String,
    /// Where the code is entered, and another link asked for.
    pub(super) page: String,
    /// The access code.
    pub(super) code: Option<String>,
}

/// Mails and their files.
macro_rules! mails {
    ($($(#[$doc:meta])* $mail:ident($html:tt, $text:tt) { $($field:ident: $type:ty),+ $(,)? })+) => {$(
        $(#[$doc])*
        pub(super) struct $mail { $(pub(super) $field: $type),+ }

        impl Contents for $mail {
            fn render(&self, frame: &Frame<'_>) -> Result<Rendered, Failure> {
                #[derive(Template)]
                #[template(path = $html)]
                struct Html<'a> { mail: &'a $mail, frame: &'a Frame<'a> }

                #[derive(Template)]
                #[template(path = $text)]
                struct Text<'a> { mail: &'a $mail, frame: &'a Frame<'a> }

                let mail = self;
                Ok(Rendered {
                    html: Html { mail, frame }.render().map_err(unwritable)?,
                    text: tidy(&Text { mail, frame }.render().map_err(unwritable)?),
                })
            }
        }
    )+};
}

mails! {
    /// To a requester: the ticket has arrived.
    Created("created.html", "created.txt") { facts: TicketFacts, way: Way }
    /// To agents: there is a new ticket.
    NewTicket("new_ticket.html", "new_ticket.txt") {
        facts: TicketFacts, name: String, email: String, said: Said, way: Way,
    }
    /// To an agent: the ticket is theirs.
    Assigned("assigned.html", "assigned.txt") { facts: TicketFacts, name: String, email: String, way: Way }
    /// To those whom it concerns: the status is another.
    StatusChanged("status.html", "status.txt") {
        facts: TicketFacts, before: &'static str, after: &'static str, way: Way,
    }
    /// To those whom it concerns: somebody said something.
    CommentAdded("comment.html", "comment.txt") {
        facts: TicketFacts, name: String, internal: bool, said: Said, way: Way,
    }
    /// To whoever wants an account.
    Registration("registration.html", "registration.txt") { url: String, valid: String }
    /// To whoever wants an account and has one.
    AccountExists("account_exists.html", "account_exists.txt") { sign_in: String }
    /// To whoever has forgotten their password.
    PasswordReset("password_reset.html", "password_reset.txt") { url: String, valid: String }
    /// To a guest whose link does not work any more.
    GuestLink("guest_link.html", "guest_link.txt") { number: String, title: String, way: Way }
    /// To the owner of an address with which an identity provider's user came.
    Identity("identity.html", "identity.txt") { provider: String, url: String, valid: String }
}

/// Plain text without the empty lines that a template's own lines leave. What people wrote has no empty lines: each is quoted.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut gap = false;
    for line in text.lines() {
        // The line above a signature ends with a space (RFC 3676, section 4.3).
        let line = if line == "-- " { line } else { line.trim_end() };
        if line.is_empty() {
            gap = true;
            continue;
        }
        if gap && !tidy.is_empty() {
            tidy.push('\n');
        }
        gap = false;
        tidy.push_str(line);
        tidy.push('\n');
    }
    tidy
}

fn unwritable(_: askama::Error) -> Failure {
    Failure::new(Reach::MailForGood, "its text could not be written")
}
