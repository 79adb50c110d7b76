//! What clients tell of whoever sits before them, and ask about others: `presence`, `presence:list`, `viewing`, `typing`.

use std::future::ready;
use std::sync::Arc;

use domain::TicketId;
use domain::actor::Actor;
use domain::ids::AccountId;
use domain::policy::{Action, Facts, permit};
use socketioxide::extract::{AckSender, SocketRef, TryData};
use wire::live::{
    Answer, Availability, Involvement, PeopleAnswer, Presence, Typing, ViewersAnswer, Viewing, ViewingState,
    event,
};

use super::frames::may_watch;
use super::keys::Spot;
use crate::asked::Asked;
use crate::limits::Limit;
use crate::shared::Shared;

const NOT_PERMITTED: &str = "not permitted";
/// The same for a ticket that does not exist, one that the client may not know of, and one in whose room it is not.
const NOT_FOUND: &str = "not found";
const BAD_PRESENCE: &str = "bad request: {state: \"online\" | \"away\"} is expected";
const BAD_VIEWING: &str =
    "bad request: {ticket, state: \"open\" | \"viewing\" | \"editing\" | \"closed\"} is expected";
const BAD_TYPING: &str = "bad request: {ticket, internal: boolean, typing: boolean} is expected";

/// Makes a socket understand all of it.
pub(crate) fn listen(shared: &Arc<Shared>, socket: &SocketRef) {
    let on = Arc::clone(shared);
    socket.on(
        event::PRESENCE,
        move |socket: SocketRef, TryData(said): TryData<Presence>, ack: AckSender| {
            if let Some(asked) = Asked::of(&on, &socket, ack) {
                asked.presence(said.ok());
            }
            ready(())
        },
    );
    let on = Arc::clone(shared);
    socket.on(event::PRESENCE_LIST, move |socket: SocketRef, ack: AckSender| {
        if let Some(asked) = Asked::of(&on, &socket, ack) {
            asked.people();
        }
        ready(())
    });
    let on = Arc::clone(shared);
    socket.on(
        event::VIEWING,
        move |socket: SocketRef, TryData(said): TryData<Viewing>, ack: AckSender| {
            if let Some(asked) = Asked::of(&on, &socket, ack) {
                asked.viewing(said.ok());
            }
            ready(())
        },
    );
    let on = Arc::clone(shared);
    socket.on(
        event::TYPING,
        move |socket: SocketRef, TryData(said): TryData<Typing>, ack: AckSender| {
            if let Some(asked) = Asked::of(&on, &socket, ack) {
                asked.typing(said.ok());
            }
            ready(())
        },
    );
}

impl Asked {
    fn presence(self, said: Option<Presence>) {
        let said = said.filter(|said| said.state != Availability::Offline);
        let Some(Presence { state }) = said else {
            return self.refuse(BAD_PRESENCE);
        };
        self.client.while_here(None, |_, _| {
            self.shared.presence.set_availability(self.client.id, state);
        });
        self.answer(&Answer::OK);
    }

    fn people(self) {
        if !self
            .client
            .while_here(None, |actor, _| may_watch(actor))
            .unwrap_or(false)
        {
            return self.refuse(NOT_PERMITTED);
        }
        let (people, left_out) = self.shared.presence.people(&*self.shared.accounts);
        self.answer(&PeopleAnswer {
            ok: true,
            people,
            left_out,
        });
    }

    fn viewing(self, said: Option<Viewing>) {
        let Some(Viewing { ticket, state }) = said else {
            return self.refuse(BAD_VIEWING);
        };
        let ticket = TicketId::from_uuid(ticket);
        let involvement = match state {
            ViewingState::Open => Some(Involvement::Open),
            ViewingState::Viewing => Some(Involvement::Viewing),
            ViewingState::Editing => Some(Involvement::Editing),
            ViewingState::Closed => None,
        };
        let presence = &self.shared.presence;
        let watches = self.client.while_here(Some(ticket), |actor, owner| {
            owner?;
            presence.set_involvement(self.client.id, ticket, involvement);
            Some(may_watch(actor))
        });
        let Some(watches) = watches.flatten() else {
            return self.refuse(NOT_FOUND);
        };
        let viewers = watches.then(|| presence.viewers(&*self.shared.accounts, ticket));
        self.answer(&ViewersAnswer { ok: true, viewers });
    }

    fn typing(self, said: Option<Typing>) {
        let Some(Typing {
            ticket,
            internal,
            typing,
        }) = said
        else {
            return self.refuse(BAD_TYPING);
        };
        let spot = Spot {
            ticket: TicketId::from_uuid(ticket),
            internal,
        };
        let (presence, tab) = (&self.shared.presence, self.client.id);
        let done = self.client.while_here(Some(spot.ticket), |actor, owner| {
            let account = may_type(actor, owner.ok_or(NOT_FOUND)?, internal).ok_or(NOT_PERMITTED)?;
            if typing {
                return Ok(presence.press(account, tab, spot));
            }
            presence.rest(account, tab, spot.ticket);
            Ok(Ok(()))
        });
        match done.unwrap_or(Err(NOT_FOUND)) {
            Ok(Ok(())) => self.answer(&Answer::OK),
            Ok(Err(retry_after)) => self.limited(Limit::TypingPerAccount, retry_after),
            Err(error) => self.refuse(error),
        }
    }
}

/// The account that types, if it may send what it types.
fn may_type(actor: &Actor, owner: AccountId, internal: bool) -> Option<AccountId> {
    let action = if internal {
        Action::AddInternalComment
    } else {
        Action::AddComment
    };
    permit(actor, action, &Facts::ticket_of(actor, owner)).ok()?;
    actor.account()
}
