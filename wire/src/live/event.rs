//! The names of all events of the live protocol. Whoever emits or listens takes the name from here; a test of the house
//! insists, so that nothing goes over the wire that the [catalogue](super::catalogue) does not describe.

/// A ticket was created.
pub const TICKET_CREATED: &str = "ticket:created";
/// A ticket is another than it was.
pub const TICKET_UPDATED: &str = "ticket:updated";
/// A ticket was deleted.
pub const TICKET_DELETED: &str = "ticket:deleted";
/// A comment was added to a ticket.
pub const COMMENT_ADDED: &str = "comment:added";
/// A file was attached to a ticket.
pub const ATTACHMENT_ADDED: &str = "attachment:added";
/// An account was created.
pub const ACCOUNT_CREATED: &str = "account:created";
/// An account is another than it was.
pub const ACCOUNT_UPDATED: &str = "account:updated";
/// A ticket entered a watched list, left it or changed in it.
pub const LIST_CHANGED: &str = "list:changed";

/// The first frame of every connection.
pub const WELCOME: &str = "welcome";
/// All that was missed has been told.
pub const CAUGHT_UP: &str = "caught-up";
/// What is shown must be fetched anew.
pub const RESYNC: &str = "resync";
/// Nothing happened up to a position.
pub const BOOKMARK: &str = "bookmark";
/// The connection ends by plan.
pub const SERVER_STOPPING: &str = "server:stopping";

/// People are reached otherwise than before.
pub const PRESENCE_CHANGED: &str = "presence:changed";
/// A ticket is open at others than before.
pub const VIEWERS_CHANGED: &str = "viewers:changed";
/// Somebody types, or no longer. The same name goes both ways.
pub const TYPING: &str = "typing";
/// A watched list has another number of tickets than before.
pub const LIST_COUNTS: &str = "list:counts";
/// The program is doing otherwise than before.
pub const OPERATIONS_CHANGED: &str = "operations:changed";

/// Be in a ticket's room.
pub const JOIN_TICKET: &str = "join-ticket";
/// Be in a ticket's room no longer.
pub const LEAVE_TICKET: &str = "leave-ticket";
/// Watch a list.
pub const LIST_WATCH: &str = "list:watch";
/// Watch a list no longer.
pub const LIST_UNWATCH: &str = "list:unwatch";
/// Say whether somebody sits before this tab.
pub const PRESENCE: &str = "presence";
/// Ask who is there.
pub const PRESENCE_LIST: &str = "presence:list";
/// Say what this tab does with a ticket.
pub const VIEWING: &str = "viewing";
