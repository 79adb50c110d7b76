//! Histories as they could happen: random commands, decided by the domain, the same again for the same seed.

use domain::account::{Account, AccountCommand, Circumstances};
use domain::decider::Decider;
use domain::ticket::{
    Assignee, Category, Changes, MediaType, NewAttachment, Priority, Sha256, Status, TicketCommand,
    Visibility,
};
use domain::{AccountId, Actor, AttachmentId, CommentId, Role, Ticket, TicketId, Timestamp, account, ticket};
use eventlog::{NewEvent, Position, StreamId, Version};

use crate::world::{World, append, event, id};

/// Random numbers that can be had again (xorshift64*).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % sides
    }

    pub(crate) fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }
}

struct Stream<S> {
    id: StreamId,
    version: Version,
    state: Option<S>,
}

/// A desk whose people and tickets live at random.
pub(crate) struct Desk {
    dice: Dice,
    people: Vec<Stream<Account>>,
    tickets: Vec<Stream<Ticket>>,
    clock: i64,
}

impl Desk {
    pub(crate) fn new(seed: u64) -> Self {
        let mut desk = Self {
            dice: Dice::new(seed),
            people: Vec::new(),
            tickets: Vec::new(),
            clock: 0,
        };
        for _ in 0..4 {
            desk.people.push(Stream {
                id: StreamId::new("account", id()),
                version: 0,
                state: None,
            });
        }
        desk
    }

    /// One command's events, and where to append them; none if the command changes nothing.
    pub(crate) fn next(&mut self) -> Option<(StreamId, Version, Vec<NewEvent>)> {
        let unborn = self.people.iter().position(|person| person.version == 0);
        match (unborn, self.dice.roll(10)) {
            (Some(place), _) => self.person(place),
            (None, 0) => {
                let place = self.dice.roll(self.people.len() + 1);
                if place == self.people.len() && place < 40 {
                    self.people.push(Stream {
                        id: StreamId::new("account", id()),
                        version: 0,
                        state: None,
                    });
                }
                self.person(place.min(self.people.len() - 1))
            }
            (None, 1 | 2) => {
                self.tickets.push(Stream {
                    id: StreamId::new("ticket", id()),
                    version: 0,
                    state: None,
                });
                self.ticket(self.tickets.len() - 1)
            }
            (None, _) if self.tickets.is_empty() => None,
            (None, _) => {
                let place = self.dice.roll(self.tickets.len());
                self.ticket(place)
            }
        }
    }

    /// Appends `commands` commands, several at a time.
    pub(crate) async fn live(&mut self, world: &World, commands: usize) -> Position {
        let mut last = 0;
        for _ in 0..commands {
            if let Some((stream, expected, events)) = self.next() {
                last = world
                    .log
                    .append(append(stream, expected, events))
                    .await
                    .unwrap()
                    .last_position();
            }
        }
        last
    }

    fn person(&mut self, place: usize) -> Option<(StreamId, Version, Vec<NewEvent>)> {
        let account_id = AccountId::from_uuid(self.people[place].id.id);
        let number = self.dice.roll(1000);
        let command = if self.people[place].version == 0 {
            AccountCommand::Register {
                account: account_id,
                email: format!("Person.{place}@Example.TEST").parse().unwrap(),
                name: format!("Person {place} Ä{number}").parse().unwrap(),
                role: if place == 0 {
                    Role::Admin
                } else {
                    self.dice.one_of(&Role::ALL)
                },
                department: (number.is_multiple_of(2)).then(|| format!("Dept {number}").parse().unwrap()),
            }
        } else {
            let mut changes = account::Changes::default();
            match self.dice.roll(4) {
                0 => changes.name = Some(format!("Person {place} Ö{number}").parse().unwrap()),
                1 => {
                    changes.department = Some(number.is_multiple_of(2).then(|| "Elsewhere".parse().unwrap()));
                }
                2 => changes.role = Some(self.dice.one_of(&Role::ALL)),
                _ => changes.active = Some(number.is_multiple_of(2)),
            }
            AccountCommand::Change(changes)
        };
        let circumstances = Circumstances {
            actor: Actor::System("test"),
            other_active_admins: 1,
        };
        self.clock += 1;
        happen::<account::Accounts>(&mut self.people[place], &command, &circumstances, self.clock)
    }

    fn ticket(&mut self, place: usize) -> Option<(StreamId, Version, Vec<NewEvent>)> {
        let ticket_id = TicketId::from_uuid(self.tickets[place].id.id);
        let person = AccountId::from_uuid(self.people[self.dice.roll(self.people.len())].id.id);
        let number = self.dice.roll(1000);
        let command = if self.tickets[place].version == 0 {
            TicketCommand::Create {
                ticket: ticket_id,
                requester: person,
                title: format!("Printer {number} on fire").parse().unwrap(),
                description: format!("It burns with a \"blue\" flame \\ {number} 🔥")
                    .parse()
                    .unwrap(),
                priority: self.dice.one_of(Priority::ALL),
                category: self.dice.one_of(Category::ALL),
                attachments: Vec::new(),
            }
        } else {
            self.ticket_command(person, number)
        };
        self.clock += 1;
        happen::<ticket::Tickets>(&mut self.tickets[place], &command, &(), self.clock)
    }

    fn ticket_command(&mut self, person: AccountId, number: usize) -> TicketCommand {
        match self.dice.roll(12) {
            0..=3 => TicketCommand::AddComment {
                comment: CommentId::from_uuid(id()),
                author: person,
                body: format!("Said {number}\nand \t\u{1F525}").parse().unwrap(),
                visibility: self.dice.one_of(Visibility::ALL),
            },
            4 => TicketCommand::AddAttachment(NewAttachment {
                attachment: AttachmentId::from_uuid(id()),
                uploader: person,
                file_name: format!("shot {number}.png").parse().unwrap(),
                size: number as u64,
                media_type: MediaType::try_from("image/png".to_owned()).unwrap(),
                sha256: Sha256::try_from("ab".repeat(32)).unwrap(),
            }),
            5 if number < 300 => TicketCommand::Delete,
            _ => {
                let mut changes = Changes::default();
                if number.is_multiple_of(2) {
                    changes.status = Some(self.dice.one_of(Status::ALL));
                }
                match self.dice.roll(5) {
                    0 => changes.title = Some(format!("Printer {number} is out").parse().unwrap()),
                    1 => {
                        changes.description = Some(format!("It is out, all {number} of it").parse().unwrap());
                    }
                    2 => changes.priority = Some(self.dice.one_of(Priority::ALL)),
                    3 => changes.category = Some(self.dice.one_of(Category::ALL)),
                    _ => changes.assignee = Some(self.assignee()),
                }
                TicketCommand::Change(changes)
            }
        }
    }

    fn assignee(&mut self) -> Option<Assignee> {
        let place = self.dice.roll(self.people.len());
        Assignee::of(self.people[place].state.as_ref()).ok()
    }
}

fn happen<D: Decider>(
    stream: &mut Stream<D::State>,
    command: &D::Command,
    circumstances: &D::Circumstances,
    at: i64,
) -> Option<(StreamId, Version, Vec<NewEvent>)> {
    let events = D::decide(stream.state.as_ref(), command, circumstances).ok()?;
    let expected = stream.version;
    let mut recorded = Vec::new();
    for happened in &events {
        stream.state = D::evolve(stream.state.take(), happened, Timestamp::from_millis(at));
        stream.version += 1;
        let encoded = D::encode(happened);
        recorded.push(event(
            encoded.event_type,
            encoded.schema_version,
            &encoded.payload,
        ));
    }
    (!recorded.is_empty()).then(|| (stream.id.clone(), expected, recorded))
}

/// The events that begin a ticket.
pub(crate) fn created(ticket: &StreamId, requester: AccountId, title: &str) -> Vec<NewEvent> {
    let command = TicketCommand::Create {
        ticket: TicketId::from_uuid(ticket.id),
        requester,
        title: title.parse().unwrap(),
        description: "Nothing works at all".parse().unwrap(),
        priority: Priority::Medium,
        category: Category::Other,
        attachments: Vec::new(),
    };
    encoded(&ticket::decide(None, &command).unwrap())
}

/// Ticket events as they are appended.
pub(crate) fn encoded(events: &[domain::TicketEvent]) -> Vec<NewEvent> {
    events
        .iter()
        .map(|happened| {
            let encoded = domain::codec::encode_ticket(happened);
            event(encoded.event_type, encoded.schema_version, &encoded.payload)
        })
        .collect()
}
