//! Mails that tell of an event.

use std::time::Duration;

use domain::Decider;
use domain::ticket::{Ticket, TicketEvent, Tickets};
use eventlog::{Position, ReadError, RecordedEvent, StreamId};
use identity::{Link, Purpose};
use lettre::Message;
use uuid::Uuid;

use super::MailKind;
use super::links::{desk, guest_way, token};
use super::message::{Draft, message};
use super::recipients::wants;
use super::telling::Telling;
use super::templates::{Frame, Way};
use super::thread;
use crate::context::Context;
use crate::delivery::Delivery;
use crate::failure::{Failure, Reach};

/// How long one can say by a mail's link that one wants no more.
const UNSUBSCRIBE_VALID: Duration = Duration::from_hours(90 * 24);
/// How long the directory may take to know of everything that the log has.
const DIRECTORY_WAIT: Duration = Duration::from_secs(5);
/// Events of a ticket that are read at once.
const PAGE: usize = 500;

/// The mail; none if its recipient is not to be told, or not any more.
pub(super) async fn compose(
    kind: MailKind,
    delivery: &Delivery,
    context: &Context,
) -> Result<Option<Message>, Failure> {
    let (Some(position), Some(account)) = (delivery.position, delivery.account) else {
        return Err(Failure::new(
            Reach::MailForGood,
            "it does not say of which event and to whom",
        ));
    };
    // Whatever was done to the account or the ticket before now counts.
    let head = context.log.head().await.map_err(|error| unread(&error))?;
    let known = context.directory.wait_for(head.position, DIRECTORY_WAIT).await;
    known.map_err(|_| Failure::new(Reach::Mail, "the directory of people lags"))?;
    let happened = Happened::load(position, context).await?;
    let Some(recipient) = context.directory.get(account) else {
        return Ok(None);
    };
    if !wants(&recipient, kind, &happened.now, &happened.event) {
        return Ok(None);
    }
    let telling = Telling {
        kind,
        event: &happened.event,
        before: happened.before.as_ref(),
        after: &happened.after,
        recipient: &recipient,
        people: &context.directory,
    };
    let way = way(&telling, context).await?;
    let unsubscribe = Link {
        purpose: Purpose::Unsubscribe,
        subject: account.as_uuid(),
        ticket: None,
    };
    let token = token(&unsubscribe, UNSUBSCRIBE_VALID, context).await?;
    let app_url = &context.app_url;
    let frame = Frame {
        desk: desk(context),
        app_url,
        reason: telling.reason(),
        unsubscribe: Some(&format!("{app_url}/unsubscribe#{}", token.expose())),
    };
    let host = thread::host(app_url);
    let root = thread::root(happened.after.id, account, &host);
    let (id, follows) = if matches!(kind, MailKind::Created | MailKind::NewTicket) {
        (root, None)
    } else {
        let id = thread::of_event(happened.event_id, account, kind.as_str(), &host);
        (id, Some(root))
    };
    let draft = Draft {
        to: &recipient.email,
        subject: telling.subject(),
        id,
        follows,
        unsubscribe: Some(format!("{app_url}/api/mail/unsubscribe/{}", token.expose())),
        contents: telling.render(way, &frame)?,
    };
    message(&draft, &context.from, context.now()).map(Some)
}

/// The recipient's way to the ticket: a guest's link is made now, so that it is good for as long as it says.
async fn way(telling: &Telling<'_>, context: &Context) -> Result<Way, Failure> {
    if !telling.is_for_a_guest() {
        let url = format!("{}{}", context.app_url, telling.path());
        return Ok(Way { url, guest: None });
    }
    let code = telling.kind == MailKind::Created;
    guest_way(telling.recipient.id, telling.after.id, code, context).await
}

/// An event of a ticket, and the ticket around it.
struct Happened {
    event: TicketEvent,
    event_id: Uuid,
    before: Option<Ticket>,
    after: Ticket,
    now: Ticket,
}

impl Happened {
    async fn load(position: Position, context: &Context) -> Result<Self, Failure> {
        let page = context.log.read_all(position - 1, 1).await;
        let page = page.map_err(|error| unread(&error))?;
        let told = page.first().filter(|event| event.position == position);
        let told = told.filter(|event| event.stream.category == Tickets::CATEGORY);
        let told = told.ok_or_else(unknown)?;
        let stream = StreamId::new(Tickets::CATEGORY, told.stream.id);
        let (mut state, mut version) = (None, 0);
        let mut around = None;
        loop {
            let events = context.log.read_stream(&stream, version, PAGE).await;
            let events = events.map_err(|error| unread(&error))?;
            let Some(last) = events.last() else { break };
            version = last.version;
            for recorded in &events {
                let event = decode(recorded)?;
                let before = (recorded.position == position).then(|| state.clone());
                state = Tickets::evolve(state, &event, recorded.recorded_at);
                if let Some(before) = before {
                    around = Some((event, before, state.clone()));
                }
            }
        }
        let (Some((event, before, Some(after))), Some(now)) = (around, state) else {
            return Err(unknown());
        };
        Ok(Self {
            event,
            event_id: told.event_id,
            before,
            after,
            now,
        })
    }
}

fn decode(event: &RecordedEvent) -> Result<TicketEvent, Failure> {
    Tickets::decode(&event.event_type, event.schema_version, &event.payload).map_err(|error| {
        tracing::error!(event.position = event.position, %error, "an event cannot be read, so a mail is not sent");
        Failure::new(Reach::Mail, "its ticket cannot be read")
    })
}

fn unread(error: &ReadError) -> Failure {
    tracing::warn!(%error, "the log could not be read for a mail");
    Failure::new(Reach::Mail, "the log could not be read")
}

fn unknown() -> Failure {
    Failure::new(Reach::MailForGood, "there is no such event")
}
