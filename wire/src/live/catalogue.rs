//! Every event of the live protocol: who sends it, with which arguments, to whom, and how it is acknowledged. The
//! document of the protocol is made of this table, and the tests hold every frame against it.

use std::borrow::Cow;

use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, Ref, RefOr};

use super::{
    Bookmark, CaughtUp, Done, JoinAnswer, ListAnswer, ListChanged, ListCounts, ListUnwatch, ListWatch, Meta,
    OperationsChanged, PeopleAnswer, Presence, PresenceChanged, Resync, Stopping, TicketDeleted, Typing,
    TypingChanged, ViewersAnswer, ViewersChanged, Viewing, Welcome, event,
};
use crate::{Attachment, Comment, Ticket, User};

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A stored event, told to whoever may know of it: `(object, meta)`. Told late to whoever was away.
    Broadcast,
    /// Tells a client where it stands.
    Control,
    /// What people or the program are doing right now. Never stored, and not told late.
    Signal,
    /// What a client asks. Always acknowledged, if the client asks for that.
    Request,
}

impl Kind {
    /// Its name in the document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Broadcast => "broadcast",
            Self::Control => "control",
            Self::Signal => "signal",
            Self::Request => "request",
        }
    }

    /// What it is, for people.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Broadcast => {
                "Something that happened, told once and in the log's order to whoever may know of it"
            }
            Self::Control => "Where a client stands: what it has missed, and from where on it misses nothing",
            Self::Signal => "What people or the program are doing right now; never stored, and not told late",
            Self::Request => "What a client asks; acknowledged, if it asks for that",
        }
    }

    /// All of them.
    pub const ALL: [Self; 4] = [Self::Broadcast, Self::Control, Self::Signal, Self::Request];
}

/// The shape of an argument.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    name: fn() -> Cow<'static, str>,
    schema: fn() -> RefOr<Schema>,
    inner: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl Shape {
    /// That of a type, which is described under its own name.
    pub const fn of<T: ToSchema>() -> Self {
        Self {
            name: T::name,
            schema: T::schema,
            inner: T::schemas,
        }
    }

    /// A ticket's id by itself, described where it stands.
    const TICKET_ID: Self = Self {
        name: || Cow::Borrowed(""),
        schema: ticket_id,
        inner: |_| {},
    };

    /// The schema, or a reference to it in the document's components.
    pub fn reference(&self) -> RefOr<Schema> {
        let name = (self.name)();
        if name.is_empty() {
            (self.schema)()
        } else {
            Ref::from_schema_name(name).into()
        }
    }

    /// Adds the named schemas that it needs.
    pub fn collect(&self, schemas: &mut Vec<(String, RefOr<Schema>)>) {
        let name = (self.name)();
        if !name.is_empty() {
            schemas.push((name.into_owned(), (self.schema)()));
        }
        (self.inner)(schemas);
    }
}

fn ticket_id() -> RefOr<Schema> {
    let id = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        .description(Some("Which ticket."));
    id.build().into()
}

/// An event.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it is. Requests come from clients, everything else from the server.
    pub kind: Kind,
    /// What it says, in a sentence.
    pub summary: &'static str,
    /// Who gets it, of those that may know of it; of a request, who may ask.
    pub audience: &'static str,
    /// Its arguments, in order: their names and shapes.
    pub arguments: &'static [(&'static str, Shape)],
    /// What a request is answered with if it succeeds; otherwise [`Refused`](super::Refused).
    pub answer: Option<Shape>,
}

const META: (&str, Shape) = ("meta", Shape::of::<Meta>());

const fn broadcast(
    name: &'static str,
    arguments: &'static [(&'static str, Shape)],
    summary: &'static str,
    audience: &'static str,
) -> Entry {
    Entry {
        name,
        kind: Kind::Broadcast,
        summary,
        audience,
        arguments,
        answer: None,
    }
}

const fn control(
    name: &'static str,
    arguments: &'static [(&'static str, Shape)],
    summary: &'static str,
    audience: &'static str,
) -> Entry {
    Entry {
        kind: Kind::Control,
        ..broadcast(name, arguments, summary, audience)
    }
}

const fn signal(
    name: &'static str,
    arguments: &'static [(&'static str, Shape)],
    summary: &'static str,
    audience: &'static str,
) -> Entry {
    Entry {
        kind: Kind::Signal,
        ..broadcast(name, arguments, summary, audience)
    }
}

const fn request(
    name: &'static str,
    arguments: &'static [(&'static str, Shape)],
    answer: Shape,
    summary: &'static str,
    audience: &'static str,
) -> Entry {
    Entry {
        kind: Kind::Request,
        answer: Some(answer),
        ..broadcast(name, arguments, summary, audience)
    }
}

const READERS: &str = "all clients that may read the ticket";
const ROOM: &str = "the ticket's room";
const AGENTS: &str = "the room `admins`: agents and admins";
const WATCHERS: &str = "whoever watches the list";
const ANYBODY: &str = "anybody connected";
const IN_ROOM: &str = "whoever is in the ticket's room";

/// All events.
pub static CATALOGUE: &[Entry] = &[
    broadcast(
        event::TICKET_CREATED,
        &[("ticket", Shape::of::<Ticket>()), META],
        "A ticket was created.",
        READERS,
    ),
    broadcast(
        event::TICKET_UPDATED,
        &[("ticket", Shape::of::<Ticket>()), META],
        "A ticket is another than it was: this is how it is now.",
        READERS,
    ),
    broadcast(
        event::TICKET_DELETED,
        &[("deleted", Shape::of::<TicketDeleted>()), META],
        "A ticket was deleted: this is what it was.",
        READERS,
    ),
    broadcast(
        event::COMMENT_ADDED,
        &[("comment", Shape::of::<Comment>()), META],
        "A comment was added to a ticket. Internal ones go to agents and auditors only.",
        ROOM,
    ),
    broadcast(
        event::ATTACHMENT_ADDED,
        &[("attachment", Shape::of::<Attachment>()), META],
        "A file was attached to a ticket.",
        ROOM,
    ),
    broadcast(
        event::ACCOUNT_CREATED,
        &[("account", Shape::of::<User>()), META],
        "An account was created.",
        AGENTS,
    ),
    broadcast(
        event::ACCOUNT_UPDATED,
        &[("account", Shape::of::<User>()), META],
        "An account is another than it was: this is how it is now.",
        AGENTS,
    ),
    broadcast(
        event::LIST_CHANGED,
        &[("change", Shape::of::<ListChanged>()), META],
        "A ticket entered a list, left it or changed in it. Comes after the broadcast of the same position.",
        WATCHERS,
    ),
    control(
        event::WELCOME,
        &[("welcome", Shape::of::<Welcome>())],
        "The first frame of every connection: where the live part begins, and what became of the handshake's wishes.",
        "every client, once a connection",
    ),
    control(
        event::CAUGHT_UP,
        &[("caughtUp", Shape::of::<CaughtUp>())],
        "All that the client missed has been told.",
        "whoever passed a position and was not told `resync`",
    ),
    control(
        event::RESYNC,
        &[("resync", Shape::of::<Resync>())],
        "What is shown must be fetched anew; everything after the position is told as it happens.",
        "whoever cannot be told one by one what it missed",
    ),
    control(
        event::BOOKMARK,
        &[("bookmark", Shape::of::<Bookmark>())],
        "Nothing that the client may see has happened up to this position since the last frame.",
        "whoever would resume from far back otherwise, at most every 15 s",
    ),
    control(
        event::SERVER_STOPPING,
        &[("stopping", Shape::of::<Stopping>())],
        "The connection ends at once, by plan.",
        "every client, each with a time of its own",
    ),
    signal(
        event::PRESENCE_CHANGED,
        &[("presence", Shape::of::<PresenceChanged>())],
        "People are reached otherwise than before; those that are not named are as they were.",
        AGENTS,
    ),
    signal(
        event::VIEWERS_CHANGED,
        &[("viewers", Shape::of::<ViewersChanged>())],
        "Who has a ticket open, all of them.",
        "agents in the ticket's room, or with a watched list that shows the ticket",
    ),
    signal(
        event::TYPING,
        &[("typing", Shape::of::<TypingChanged>())],
        "Somebody types a comment, or no longer. Internal ones are told to agents only.",
        "the ticket's room, but for whoever types",
    ),
    signal(
        event::LIST_COUNTS,
        &[("counts", Shape::of::<ListCounts>())],
        "How many tickets a list has, at most once a second and only if that has changed.",
        WATCHERS,
    ),
    signal(
        event::OPERATIONS_CHANGED,
        &[("operations", Shape::of::<OperationsChanged>())],
        "How the program is doing: on entering, then at most once a second and only if that has changed.",
        "the room `operators`: whoever runs the program",
    ),
    request(
        event::JOIN_TICKET,
        &[("ticket", Shape::TICKET_ID)],
        Shape::of::<JoinAnswer>(),
        "Be in a ticket's room from now on.",
        "whoever may read the ticket",
    ),
    request(
        event::LEAVE_TICKET,
        &[("ticket", Shape::TICKET_ID)],
        Shape::of::<Done>(),
        "Be in a ticket's room no longer. Done too if the client was not in it.",
        ANYBODY,
    ),
    request(
        event::LIST_WATCH,
        &[("watch", Shape::of::<ListWatch>())],
        Shape::of::<ListAnswer>(),
        "Watch a list; the same name again replaces what was watched under it.",
        ANYBODY,
    ),
    request(
        event::LIST_UNWATCH,
        &[("list", Shape::of::<ListUnwatch>())],
        Shape::of::<Done>(),
        "Watch a list no longer.",
        ANYBODY,
    ),
    request(
        event::PRESENCE,
        &[("presence", Shape::of::<Presence>())],
        Shape::of::<Done>(),
        "Say whether somebody sits before this tab.",
        ANYBODY,
    ),
    request(
        event::PRESENCE_LIST,
        &[],
        Shape::of::<PeopleAnswer>(),
        "Ask who is there.",
        "agents and admins",
    ),
    request(
        event::VIEWING,
        &[("viewing", Shape::of::<Viewing>())],
        Shape::of::<ViewersAnswer>(),
        "Say what this tab does with a ticket.",
        IN_ROOM,
    ),
    request(
        event::TYPING,
        &[("typing", Shape::of::<Typing>())],
        Shape::of::<Done>(),
        "Say that a comment is being typed, at most every two seconds; or no longer. Internal ones: agents only.",
        IN_ROOM,
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_name_has_one_entry_each_way_and_every_entry_a_name() {
        let constants: HashSet<&str> = include_str!("event.rs")
            .lines()
            .filter(|line| line.starts_with("pub const"))
            .filter_map(|line| line.split('"').nth(1))
            .collect();
        let named: HashSet<&str> = CATALOGUE.iter().map(|entry| entry.name).collect();
        assert_eq!(named, constants);
        let ways: HashSet<(&str, bool)> = CATALOGUE
            .iter()
            .map(|entry| (entry.name, entry.kind == Kind::Request))
            .collect();
        assert_eq!(ways.len(), CATALOGUE.len());
    }

    #[test]
    fn broadcasts_carry_an_object_and_meta_and_requests_are_answered() {
        for entry in CATALOGUE {
            let has_meta = entry.arguments.len() == 2 && entry.arguments[1].0 == "meta";
            assert_eq!(has_meta, entry.kind == Kind::Broadcast, "{}", entry.name);
            assert_eq!(
                entry.answer.is_some(),
                entry.kind == Kind::Request,
                "{}",
                entry.name
            );
        }
    }

    #[test]
    fn every_schema_that_a_shape_refers_to_is_collected() {
        for entry in CATALOGUE {
            for shape in entry
                .arguments
                .iter()
                .map(|(_, shape)| *shape)
                .chain(entry.answer)
            {
                let mut schemas = Vec::new();
                shape.collect(&mut schemas);
                let names: HashSet<&str> = schemas.iter().map(|(name, _)| name.as_str()).collect();
                let mut text = serde_json::to_string(&shape.reference()).unwrap();
                for (_, schema) in &schemas {
                    text.push_str(&serde_json::to_string(schema).unwrap());
                }
                for part in text.split("\"#/components/schemas/").skip(1) {
                    let name = part.split('"').next().unwrap();
                    assert!(names.contains(name), "{}: {name} is not described", entry.name);
                }
            }
        }
    }
}
