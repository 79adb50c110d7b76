//! Demo people and tickets for an empty help desk, so that there is something to look at.

use std::io::{self, Write};

use api::AppState;
use api::registration::Registration;
use commands::{Cause, Expect, Origin};
use domain::ids::{AccountId, CommentId, Entropy, TicketId, uuid_v7};
use domain::text::{CommentBody, Department, Description, Email, PersonName, TextError, Title};
use domain::ticket::{Category, Changes, Priority, Status, Visibility};
use domain::{Actor, Role, TicketCommand};
use identity::{NewPassword, Password};

/// Letters of made-up passwords: none that looks like another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789-";
/// Length of a made-up password: 100 bits.
const PASSWORD_CHARS: usize = 20;

/// Why the demo data was not made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A text of this file is not a valid one.
    #[error("a demo text is wrong")]
    Text(#[from] TextError),
    /// Something was refused or is away.
    #[error("{0}")]
    Failed(String),
    /// The passwords could not be shown.
    #[error("showing the passwords")]
    Show(#[source] io::Error),
}

fn failed(error: impl std::fmt::Debug) -> DemoError {
    DemoError::Failed(format!("{error:?}"))
}

struct DemoPerson {
    email: &'static str,
    name: &'static str,
    role: Role,
    department: Option<&'static str>,
}

const fn person(
    email: &'static str,
    name: &'static str,
    role: Role,
    department: Option<&'static str>,
) -> DemoPerson {
    DemoPerson {
        email,
        name,
        role,
        department,
    }
}

/// The first one administers and has a password of its own; the others share one.
const PEOPLE: [DemoPerson; 8] = [
    person(
        "admin@informejo.local",
        "System Administrator",
        Role::Admin,
        Some("IT"),
    ),
    person("ada@informejo.local", "Ada Agent", Role::Admin, Some("IT")),
    person("bruno@informejo.local", "Bruno Brandt", Role::Admin, Some("IT")),
    person("ulla@informejo.local", "Ulla User", Role::User, Some("Finance")),
    person(
        "viktor@informejo.local",
        "Viktor Varga",
        Role::User,
        Some("Sales"),
    ),
    person("wanda@informejo.local", "Wanda Wolff", Role::User, None),
    person("audit@informejo.local", "Alma Auditor", Role::Auditor, None),
    person("ops@informejo.local", "Otto Operator", Role::Operator, None),
];
const ADA: usize = 1;
const BRUNO: usize = 2;
const ULLA: usize = 3;
const VIKTOR: usize = 4;
const WANDA: usize = 5;

struct DemoTicket {
    requester: usize,
    title: &'static str,
    description: &'static str,
    category: Category,
    priority: Priority,
    assignee: Option<usize>,
    status: Status,
    /// Who says what, and who may read it.
    comments: &'static [(usize, &'static str, Visibility)],
}

const TICKETS: [DemoTicket; 9] = [
    DemoTicket {
        requester: ULLA,
        title: "Printer on fire",
        description: "The printer on the third floor burns with a blue flame. The queue says \"ready\".",
        category: Category::Hardware,
        priority: Priority::Critical,
        assignee: Some(ADA),
        status: Status::InProgress,
        comments: &[
            (ADA, "I am on my way with the extinguisher.", Visibility::Public),
            (
                ADA,
                "Third one of this model this month; we should send them all back.",
                Visibility::Internal,
            ),
            (ULLA, "Thank you! It smells of toner now.", Visibility::Public),
        ],
    },
    DemoTicket {
        requester: VIKTOR,
        title: "VPN drops every ten minutes",
        description: "Since the update on Monday the VPN drops every ten minutes, in the office and at home.",
        category: Category::Network,
        priority: Priority::High,
        assignee: Some(BRUNO),
        status: Status::Waiting,
        comments: &[(
            BRUNO,
            "Could you send me the log from the tray icon, please?",
            Visibility::Public,
        )],
    },
    DemoTicket {
        requester: WANDA,
        title: "Access to the shared calendar",
        description: "I need to see the calendar of the sales team, and change entries in it.",
        category: Category::Access,
        priority: Priority::Medium,
        assignee: Some(ADA),
        status: Status::Resolved,
        comments: &[(ADA, "Done; it may take an hour to show up.", Visibility::Public)],
    },
    DemoTicket {
        requester: ULLA,
        title: "Spreadsheet crashes on opening",
        description: "The budget for next year crashes the spreadsheet program each time I open it.",
        category: Category::Software,
        priority: Priority::High,
        assignee: None,
        status: Status::Open,
        comments: &[],
    },
    DemoTicket {
        requester: VIKTOR,
        title: "Laptop for the trade fair",
        description: "I need a laptop with the demo installed for the trade fair from the 12th to the 15th.",
        category: Category::Travel,
        priority: Priority::Medium,
        assignee: None,
        status: Status::Open,
        comments: &[],
    },
    DemoTicket {
        requester: WANDA,
        title: "Second screen stays black",
        description: "Since I moved desks the second screen stays black. Cables are in as far as I can tell.",
        category: Category::Hardware,
        priority: Priority::Low,
        assignee: Some(BRUNO),
        status: Status::Closed,
        comments: &[(BRUNO, "It was the dock; replaced.", Visibility::Public)],
    },
    DemoTicket {
        requester: ULLA,
        title: "Please reset my badge",
        description: "My badge does not open the garage any more since it was in the wash.",
        category: Category::Access,
        priority: Priority::Medium,
        assignee: None,
        status: Status::Open,
        comments: &[],
    },
    DemoTicket {
        requester: VIKTOR,
        title: "Phone forwards to the wrong person",
        description: "Calls to my number go to reception, also when I am at my desk.",
        category: Category::Other,
        priority: Priority::Low,
        assignee: None,
        status: Status::Open,
        comments: &[],
    },
    DemoTicket {
        requester: WANDA,
        title: "Software for signing documents",
        description: "Legal wants contracts signed electronically from now on. What do we use for that?",
        category: Category::Software,
        priority: Priority::Medium,
        assignee: Some(ADA),
        status: Status::InProgress,
        comments: &[(
            ADA,
            "Two vendors to choose from; licences cost about the same.",
            Visibility::Internal,
        )],
    },
];

/// Fills an empty help desk, and shows the made-up passwords, once. Does nothing if anything ever happened on it.
pub async fn fill(app: &AppState) -> Result<(), DemoError> {
    if app.log.head().await.map_err(failed)?.position > 0 {
        return Ok(());
    }
    let (admin, others) = (made_up(&*app.entropy), made_up(&*app.entropy));
    let mut people = Vec::new();
    for (number, person) in PEOPLE.iter().enumerate() {
        people.push(make_person(app, person, if number == 0 { &admin } else { &others }).await?);
    }
    show(&admin, &others).map_err(DemoError::Show)?;
    for ticket in &TICKETS {
        make_ticket(app, ticket, &people).await?;
    }
    let head = app.log.head().await.map_err(failed)?.position;
    app.settle(head).await;
    Ok(())
}

/// To standard output, and on purpose not through the log, where it would be kept.
fn show(admin: &str, others: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "\nMade for this first start, and not shown again:")?;
    for (number, DemoPerson { email, role, .. }) in PEOPLE.iter().enumerate() {
        let password = if number == 0 { admin } else { others };
        writeln!(out, "  {email:<24} {:<9} {password}", role.as_str())?;
    }
    writeln!(out)?;
    out.flush()
}

fn made_up(entropy: &dyn Entropy) -> String {
    let mut random = [0; PASSWORD_CHARS];
    entropy.fill(&mut random);
    random
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect()
}

async fn make_person(app: &AppState, person: &DemoPerson, password: &str) -> Result<AccountId, DemoError> {
    let registration = Registration {
        email: Email::parse(person.email)?,
        name: PersonName::parse(person.name)?,
        role: person.role,
        department: person.department.map(Department::parse).transpose()?,
        password: Some(NewPassword::parse(Password::new(password.to_owned())).map_err(failed)?),
    };
    let made = app
        .registrar()
        .register(&Actor::System("demo"), &cause(app), registration)
        .await;
    let made = made.map_err(failed)?;
    Ok(made.state.id)
}

async fn make_ticket(app: &AppState, demo: &DemoTicket, people: &[AccountId]) -> Result<(), DemoError> {
    let ticket = TicketId::new(&*app.clock, &*app.entropy);
    let create = TicketCommand::Create {
        ticket,
        requester: people[demo.requester],
        title: Title::parse(demo.title)?,
        description: Description::parse(demo.description)?,
        priority: demo.priority,
        category: demo.category,
        attachments: Vec::new(),
    };
    execute(app, people, demo.requester, ticket, create, None).await?;
    if demo.assignee.is_some() {
        let changes = TicketCommand::Change(Changes::default());
        execute(
            app,
            people,
            0,
            ticket,
            changes,
            demo.assignee.map(|agent| people[agent]),
        )
        .await?;
    }
    for (author, body, visibility) in demo.comments {
        let comment = TicketCommand::AddComment {
            comment: CommentId::new(&*app.clock, &*app.entropy),
            author: people[*author],
            body: CommentBody::parse(body)?,
            visibility: *visibility,
        };
        execute(app, people, *author, ticket, comment, None).await?;
    }
    let changes = Changes {
        status: Some(demo.status),
        ..Changes::default()
    };
    execute(
        app,
        people,
        demo.assignee.unwrap_or(0),
        ticket,
        TicketCommand::Change(changes),
        None,
    )
    .await
}

async fn execute(
    app: &AppState,
    people: &[AccountId],
    actor: usize,
    ticket: TicketId,
    command: TicketCommand,
    assignee: Option<AccountId>,
) -> Result<(), DemoError> {
    let actor = Actor::Account {
        id: people[actor],
        role: PEOPLE[actor].role,
    };
    let executed = app
        .commands
        .execute_ticket(&actor, &cause(app), ticket, Expect::Any, command, assignee)
        .await;
    executed.map(|_| ()).map_err(failed)
}

fn cause(app: &AppState) -> Cause {
    let correlation_id = uuid_v7(&*app.clock, &*app.entropy);
    Cause::once(Origin::Demo, correlation_id, &*app.clock, &*app.entropy)
}
