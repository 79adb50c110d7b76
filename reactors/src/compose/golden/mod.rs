//! Every mail, whole, as it goes out. `INFORMEJO_BLESS=1 cargo test -p reactors` writes the files anew; look at the
//! difference before blessing it.

mod hostile;
mod world;

use std::path::PathBuf;

use domain::Role;
use domain::ticket::{Assigned, Status, StatusChanged, TicketEvent, Visibility};

use self::world::{Told, World, comment, letter};
use super::templates::{AccountExists, GuestLink, Identity, PasswordReset, Registration};
use super::{MailKind, words};

fn assert_golden(name: &str, mail: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(format!("{name}.eml"));
    let mail = String::from_utf8(mail.to_vec()).unwrap().replace("\r\n", "\n");
    if std::env::var_os("INFORMEJO_BLESS").is_some() {
        std::fs::write(&path, &mail).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        expected,
        mail,
        "{} differs; look before blessing it",
        path.display()
    );
}

#[test]
fn mails_about_tickets_are_as_written_down() {
    let changed = TicketEvent::StatusChanged(StatusChanged {
        status: Status::InProgress,
    });
    let cases = [
        ("created-user", MailKind::Created, Role::User, None),
        ("created-guest", MailKind::Created, Role::Guest, None),
        ("created-agent", MailKind::Created, Role::Admin, None),
        ("status-user", MailKind::Status, Role::User, Some(changed.clone())),
        (
            "status-guest",
            MailKind::Status,
            Role::Guest,
            Some(changed.clone()),
        ),
        (
            "comment-user",
            MailKind::Comment,
            Role::User,
            Some(comment("Have you tried\n\nto turn it off?", Visibility::Public)),
        ),
        (
            "comment-guest",
            MailKind::Comment,
            Role::Guest,
            Some(comment("Have you tried?", Visibility::Public)),
        ),
    ];
    for (name, kind, role, event) in cases {
        let world = World::new(role, "Printer on fire", "It burns.\n\nPlease come\tsoon.");
        let mail = world.mail(&Told::requester(kind, event));
        assert_golden(name, &mail);
    }
    let world = World::new(Role::User, "Printer on fire", "It burns.\n\nPlease come\tsoon.");
    let assigned = TicketEvent::Assigned(Assigned {
        assignee: world.agent.id,
    });
    for (name, kind, event) in [
        ("new-ticket-agent", MailKind::NewTicket, None),
        ("assigned-agent", MailKind::Assigned, Some(assigned)),
        ("status-agent", MailKind::Status, Some(changed)),
        (
            "comment-agent",
            MailKind::Comment,
            Some(comment("It still burns.", Visibility::Public)),
        ),
        (
            "internal-agent",
            MailKind::Comment,
            Some(comment("Do not tell them.", Visibility::Internal)),
        ),
    ] {
        assert_golden(name, &world.mail(&Told::agent(kind, event)));
    }
}

#[test]
fn letters_are_as_written_down() {
    let url = |path: &str| format!("https://desk.example.org{path}#{}", "0f".repeat(32));
    let valid = "1 hour".to_owned();
    let world = World::new(Role::Guest, "Printer on fire", "It burns brightly.");
    let letters = [
        letter(
            "registration",
            "Finish your registration",
            &Registration {
                url: url("/register/confirm"),
                valid: valid.clone(),
            },
        ),
        letter(
            "account-exists",
            "You already have an account",
            &AccountExists {
                sign_in: "https://desk.example.org/login".to_owned(),
            },
        ),
        letter(
            "password-reset",
            "A new password",
            &PasswordReset {
                url: url("/reset-password"),
                valid: valid.clone(),
            },
        ),
        letter(
            "identity",
            "Somebody signed in with your address",
            &Identity {
                provider: "id.example.org".to_owned(),
                url: url("/link-account"),
                valid,
            },
        ),
        letter(
            "guest-link",
            "The link to your tickets",
            &GuestLink {
                number: words::short(world.ticket.id),
                title: "Printer on fire".to_owned(),
                way: world.guest_way(true),
            },
        ),
    ];
    for (name, mail) in letters {
        assert_golden(name, &mail);
    }
}
