//! Who may do what: one pure function, asked by commands, by queries and by realtime alike.
//!
//! Its whole matrix stands in `tests/golden/policy.txt`; a change of the policy is a change of that file.

use crate::account::Account;
use crate::actor::{Actor, Role};
use crate::ids::AccountId;
use crate::ticket::Ticket;

/// Something that somebody may want to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Begin a ticket of one's own.
    CreateTicket,
    /// Begin a ticket for an address, without signing in.
    SubmitTicket,
    /// List and count the tickets that one may read: one's own for requesters, all of them for others.
    ListTickets,
    /// Look at a ticket, join its room.
    ReadTicket,
    /// Look at a ticket's internal comments.
    ReadInternalComments,
    /// Change a ticket's title or description.
    EditTicketText,
    /// Change a ticket's status.
    ChangeTicketStatus,
    /// Change a ticket's priority.
    ChangeTicketPriority,
    /// Change a ticket's category.
    ChangeTicketCategory,
    /// Assign a ticket to an agent, or to nobody.
    AssignTicket,
    /// Say something that everybody who sees the ticket may read.
    AddComment,
    /// Say something that the requester may not read.
    AddInternalComment,
    /// Attach a file.
    AddAttachment,
    /// Download a file.
    ReadAttachment,
    /// Delete a ticket.
    DeleteTicket,
    /// Prove who one is, by password, link, code or provider, or ask for the means to do so.
    SignIn,
    /// Make an account for oneself.
    RegisterAccount,
    /// Make an account of any role.
    CreateAccount,
    /// Look at one's own account and its sessions, end those, change its password.
    ReadOwnAccount,
    /// Make, see and withdraw tokens with which programs act for oneself.
    ManageTokens,
    /// Choose which mail one gets.
    ChangeNotifications,
    /// List everybody's accounts.
    ListAccounts,
    /// Change an account's name or department.
    ChangeAccountProfile,
    /// Change an account's role.
    ChangeAccountRole,
    /// Deactivate or reactivate an account.
    ChangeAccountActivity,
    /// End everything by which somebody else is recognised: sessions, links, codes, tokens.
    EndAccess,
    /// Receive broadcasts.
    Connect,
    /// See as it happens who is there, who looks at a ticket or types, and what becomes of accounts.
    WatchPeople,
    /// Look at how the system is doing.
    ReadOperations,
    /// Rebuild read models, swap them and go back, retry and skip what is parked.
    Operate,
    /// Verify the record, take evidence of it, compare moments of the whole desk, export the log.
    Audit,
}

impl Action {
    /// All actions, in the order of the golden file.
    pub const ALL: [Self; 31] = [
        Self::CreateTicket,
        Self::SubmitTicket,
        Self::ListTickets,
        Self::ReadTicket,
        Self::ReadInternalComments,
        Self::EditTicketText,
        Self::ChangeTicketStatus,
        Self::ChangeTicketPriority,
        Self::ChangeTicketCategory,
        Self::AssignTicket,
        Self::AddComment,
        Self::AddInternalComment,
        Self::AddAttachment,
        Self::ReadAttachment,
        Self::DeleteTicket,
        Self::SignIn,
        Self::RegisterAccount,
        Self::CreateAccount,
        Self::ReadOwnAccount,
        Self::ManageTokens,
        Self::ChangeNotifications,
        Self::ListAccounts,
        Self::ChangeAccountProfile,
        Self::ChangeAccountRole,
        Self::ChangeAccountActivity,
        Self::EndAccess,
        Self::Connect,
        Self::WatchPeople,
        Self::ReadOperations,
        Self::Operate,
        Self::Audit,
    ];
}

/// What the policy must know of the thing that something is to be done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Facts {
    /// Nothing in particular.
    General,
    /// A ticket of the actor's own.
    OwnTicket,
    /// A ticket of somebody else's.
    ForeignTicket,
    /// A ticket that does not exist, or no longer.
    NoTicket,
    /// The actor's own account.
    OwnAccount,
    /// Somebody else's account.
    ForeignAccount,
    /// An account that does not exist.
    NoAccount,
}

impl Facts {
    /// All facts, in the order of the golden file.
    pub const ALL: [Self; 7] = [
        Self::General,
        Self::OwnTicket,
        Self::ForeignTicket,
        Self::NoTicket,
        Self::OwnAccount,
        Self::ForeignAccount,
        Self::NoAccount,
    ];

    /// What `ticket` is to `actor`.
    pub fn ticket(actor: &Actor, ticket: Option<&Ticket>) -> Self {
        match ticket.filter(|ticket| !ticket.deleted) {
            None => Self::NoTicket,
            Some(ticket) => Self::ticket_of(actor, ticket.requester),
        }
    }

    /// What a ticket that exists and belongs to `requester` is to `actor`.
    pub fn ticket_of(actor: &Actor, requester: AccountId) -> Self {
        if actor.account() == Some(requester) {
            Self::OwnTicket
        } else {
            Self::ForeignTicket
        }
    }

    /// What `account` is to `actor`.
    pub fn account(actor: &Actor, account: Option<&Account>) -> Self {
        match account {
            None => Self::NoAccount,
            Some(account) if actor.account() == Some(account.id) => Self::OwnAccount,
            Some(_) => Self::ForeignAccount,
        }
    }
}

/// How somebody is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// Signing in may help.
    #[error("sign in first")]
    SignIn,
    /// Not in this role.
    #[error("not permitted")]
    Forbidden,
    /// The actor may not even know whether the thing exists.
    #[error("there is no such thing")]
    Hidden,
}

/// Whether `actor` may do `action` to what `facts` describe.
pub fn permit(actor: &Actor, action: Action, facts: &Facts) -> Result<(), Denial> {
    match actor {
        Actor::System(_) => Ok(()),
        Actor::Anonymous => match action {
            Action::RegisterAccount | Action::SignIn | Action::SubmitTicket => Ok(()),
            _ => Err(Denial::SignIn),
        },
        Actor::Account { role, .. } => permit_role(*role, action, *facts),
    }
}

fn permit_role(role: Role, action: Action, facts: Facts) -> Result<(), Denial> {
    match facts {
        Facts::NoTicket | Facts::NoAccount if sees_existence(role, facts) => {
            return Err(Denial::Hidden);
        }
        Facts::ForeignTicket if !sees_tickets(role) => {
            return Err(if role == Role::Operator {
                Denial::Forbidden
            } else {
                Denial::Hidden
            });
        }
        Facts::General
        | Facts::OwnTicket
        | Facts::ForeignTicket
        | Facts::NoTicket
        | Facts::OwnAccount
        | Facts::ForeignAccount
        | Facts::NoAccount => {}
    }
    if has_right(role, action, facts) {
        Ok(())
    } else {
        Err(Denial::Forbidden)
    }
}

/// Whether the role reads every ticket.
const fn sees_tickets(role: Role) -> bool {
    matches!(role, Role::Admin | Role::Auditor)
}

/// Whether a missing thing is answered as missing: to everybody who could be told that it is there. Who may see no
/// ticket or account at all is told just that, whether it is there or not.
const fn sees_existence(role: Role, facts: Facts) -> bool {
    match facts {
        Facts::NoTicket => !matches!(role, Role::Operator),
        Facts::NoAccount => matches!(role, Role::Admin | Role::Auditor),
        Facts::General
        | Facts::OwnTicket
        | Facts::ForeignTicket
        | Facts::OwnAccount
        | Facts::ForeignAccount => false,
    }
}

fn has_right(role: Role, action: Action, facts: Facts) -> bool {
    let own = facts == Facts::OwnTicket;
    match action {
        Action::CreateTicket => matches!(role, Role::User | Role::Admin),
        Action::SubmitTicket => matches!(role, Role::Guest | Role::User | Role::Admin),
        Action::ListTickets => !matches!(role, Role::Operator),
        Action::ReadTicket | Action::ReadAttachment => sees_tickets(role) || (own && role != Role::Operator),
        Action::ReadInternalComments => sees_tickets(role),
        Action::EditTicketText => role == Role::Admin || (own && role == Role::User),
        Action::AddComment | Action::AddAttachment => {
            role == Role::Admin || (own && matches!(role, Role::User | Role::Guest))
        }
        Action::ChangeTicketStatus
        | Action::ChangeTicketPriority
        | Action::ChangeTicketCategory
        | Action::AssignTicket
        | Action::AddInternalComment
        | Action::DeleteTicket
        | Action::CreateAccount
        | Action::ChangeAccountRole
        | Action::ChangeAccountActivity
        | Action::EndAccess
        | Action::WatchPeople => role == Role::Admin,
        Action::ChangeAccountProfile => {
            role == Role::Admin || (facts == Facts::OwnAccount && role == Role::User)
        }
        Action::ListAccounts => matches!(role, Role::Admin | Role::Auditor),
        Action::SignIn | Action::RegisterAccount | Action::ReadOwnAccount | Action::Connect => true,
        Action::ManageTokens => role != Role::Guest,
        Action::ChangeNotifications => facts == Facts::OwnAccount,
        Action::ReadOperations => matches!(role, Role::Operator | Role::Admin | Role::Auditor),
        Action::Operate => role == Role::Operator,
        Action::Audit => role == Role::Auditor,
    }
}
