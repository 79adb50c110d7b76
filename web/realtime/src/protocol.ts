// Made by scripts/generate.mjs of the server's description of the live protocol (`informejo asyncapi`): do not edit.

/**
 * Whether somebody can be reached.
 */
export type Availability = "offline" | "away" | "online";
/**
 * What somebody does with a ticket.
 */
export type Involvement = "open" | "viewing" | "editing";
/**
 * How a list has changed.
 */
export type ListChange = "entered" | "left" | "changed";
/**
 * Why a client must fetch anew.
 */
export type ResyncReason = "too-far" | "unknown-position" | "missed" | "rights";
/**
 * What a tab says of a ticket.
 */
export type ViewingState = "open" | "viewing" | "editing" | "closed";

/**
 * Whoever works on a ticket (`assignedTo`).
 */
export interface Agent {
  /**
   * Where the person is reached.
   */
  email: string;
  /**
   * Whose account it is.
   */
  id: string;
  /**
   * The person's name.
   */
  name: string;
  /**
   * What the account is for.
   */
  role: string;
}
/**
 * A file on a ticket.
 */
export interface Attachment {
  /**
   * When.
   */
  createdAt: string;
  /**
   * Its name at the uploader's. Text from a person: never a path.
   */
  fileName: string;
  /**
   * Where it is downloaded, relative to the server.
   */
  filePath: string;
  /**
   * Its size in bytes.
   */
  fileSize: number;
  /**
   * Which one.
   */
  id: string;
  /**
   * What its bytes look like.
   */
  mimeType: string;
  /**
   * On which ticket.
   */
  ticketId: string;
  uploadedBy: Uploader;
  /**
   * Who attached it.
   */
  uploadedById: string;
}
/**
 * Whoever attached a file (`uploadedBy`).
 */
export interface Uploader {
  /**
   * Where the person is reached.
   */
  email: string;
  /**
   * Whose account it is.
   */
  id: string;
  /**
   * The person's name.
   */
  name: string;
}
/**
 * The object of `bookmark`: up to here nothing has happened that the client was not told and might see.
 */
export interface Bookmark {
  /**
   * What the client may pass to resume.
   */
  position: number;
}
/**
 * The object of `caught-up`: the client has been told all that it missed.
 */
export interface CaughtUp {
  /**
   * Up to which position.
   */
  position: number;
  /**
   * How many broadcasts that were.
   */
  replayed: number;
}
/**
 * Something that was said about a ticket.
 */
export interface Comment {
  /**
   * What was said.
   */
  content: string;
  /**
   * The same as HTML: Markdown, rendered and sanitised.
   */
  contentHtml: string;
  /**
   * When.
   */
  createdAt: string;
  /**
   * Which one.
   */
  id: string;
  /**
   * Whether it is hidden from the requester.
   */
  isInternal: boolean;
  /**
   * About which ticket.
   */
  ticketId: string;
  user: Agent;
  /**
   * Who said it.
   */
  userId: string;
}
/**
 * What a client that may not come in is told, as the data of its CONNECT_ERROR packet.
 */
export interface ConnectRefused {
  /**
   * `unauthorized`: nobody who may be here. `unavailable`: it cannot be told at present. `bad request: …`: the
   * handshake is wrong. `limited: <limit>; retry in <n> ms`: too much of something at once.
   */
  message: string;
}
/**
 * How much a ticket has of what a list does not show.
 */
export interface Count {
  /**
   * Attachments.
   */
  attachments: number;
  /**
   * Comments that the reader may read.
   */
  comments: number;
}
/**
 * The shape of an [`Answer`] that it was done.
 */
export interface Done {
  ok: true;
}
/**
 * What a client passes as `auth` of its CONNECT packet. All of it may be left out; whatever else is there is ignored.
 */
export interface Handshake {
  /**
   * The lists that it watches, at most 8.
   *
   * @maxItems 8
   */
  lists?: ListWatch[];
  /**
   * The last position that the client has seen: what happened since, and it may see, is told first.
   */
  position?: number;
  /**
   * The tickets whose rooms it wants to be in, at most 100.
   *
   * @maxItems 100
   */
  tickets?: string[];
  /**
   * A session's token; without one, the session cookie counts if the page is this server's own.
   */
  token?: string;
}
/**
 * The argument of `list:watch`: which list the client looks at.
 */
export interface ListWatch {
  filters?: ListFilters;
  /**
   * The tickets of it that are on the screen, at most 200.
   */
  ids?: string[];
  /**
   * Its name; the same name again replaces what was watched under it.
   */
  list: string;
}
/**
 * Which tickets are in a list, of those that the client may read: the parameters of `GET /api/tickets`.
 */
export interface ListFilters {
  /**
   * Who works on it: an account's id, `me`, or `none`.
   */
  assignee?: string | null;
  /**
   * Any of these; empty: whichever.
   */
  category?: string[];
  /**
   * Any of these; empty: whichever.
   */
  priority?: string[];
  /**
   * A part of its title, in whatever case.
   */
  q?: string | null;
  /**
   * Whose it is.
   */
  requester?: string | null;
  /**
   * Any of these; empty: whichever.
   */
  status?: string[];
}
/**
 * The acknowledgement of a `join-ticket` that succeeded.
 */
export interface JoinAnswer {
  ok: true;
  /**
   * Everything of the ticket after this position is told.
   */
  position: number;
}
/**
 * The acknowledgement of a `list:watch` that succeeded.
 */
export interface ListAnswer {
  counts: ListTallies;
  ok: true;
  /**
   * Everything of the list after this position is told; the position that `counts` are of.
   */
  position: number;
}
/**
 * How many tickets a list has.
 */
export interface ListTallies {
  /**
   * By priority (LOW …); what is not there is 0.
   */
  byPriority: {
    [k: string]: number;
  };
  /**
   * By status (OPEN …); what is not there is 0.
   */
  byStatus: {
    [k: string]: number;
  };
  /**
   * All of them.
   */
  total: number;
}
/**
 * The object of `list:changed`.
 */
export interface ListChanged {
  change: ListChange;
  /**
   * Which ticket.
   */
  id: string;
  /**
   * Which list.
   */
  list: string;
  ticket?: Ticket;
}
/**
 * A ticket: an item of a list, the object of `ticket:created` and `ticket:updated`, or (with `comments` and
 * `attachments`) the whole one.
 */
export interface Ticket {
  _count: Count;
  assignedTo?: Agent | null;
  /**
   * Who works on it.
   */
  assignedToId?: string | null;
  /**
   * Newest first. Only in the whole ticket.
   */
  attachments?: Attachment[] | null;
  /**
   * What it is about: HARDWARE, SOFTWARE, NETWORK, ACCESS, TRAVEL or OTHER.
   */
  category: string;
  /**
   * Oldest first, those that the reader may read. Only in the whole ticket.
   */
  comments?: Comment[] | null;
  /**
   * When it began.
   */
  createdAt: string;
  createdBy: Requester;
  /**
   * Whose it is.
   */
  createdById: string;
  /**
   * At length.
   */
  description: string;
  /**
   * The description as HTML: Markdown, rendered and sanitised. Only in the whole ticket.
   */
  descriptionHtml?: string;
  /**
   * Which one.
   */
  id: string;
  /**
   * How much it matters: LOW, MEDIUM, HIGH or CRITICAL.
   */
  priority: string;
  /**
   * When it was last resolved or closed; null while it is open.
   */
  resolvedAt?: string | null;
  /**
   * How far it has come: OPEN, IN_PROGRESS, WAITING, RESOLVED or CLOSED.
   */
  status: string;
  /**
   * In a line.
   */
  title: string;
  /**
   * When one of its fields last changed.
   */
  updatedAt: string;
  /**
   * How many events it has had that the reader may know of; the value of its `ETag`, and of `If-Match`.
   */
  version: number;
}
/**
 * Whoever a ticket belongs to (`createdBy`).
 */
export interface Requester {
  /**
   * Where the person belongs.
   */
  department?: string | null;
  /**
   * Where the person is reached.
   */
  email: string;
  /**
   * Whose account it is.
   */
  id: string;
  /**
   * The person's name.
   */
  name: string;
  /**
   * What the account is for.
   */
  role: string;
}
/**
 * The object of `list:counts`.
 */
export interface ListCounts {
  counts: ListTallies;
  /**
   * Which list.
   */
  list: string;
  /**
   * As of which position.
   */
  position: number;
}
/**
 * The argument of `list:unwatch`.
 */
export interface ListUnwatch {
  /**
   * Which list.
   */
  list: string;
}
/**
 * What became of one list of the handshake.
 */
export interface ListWatched {
  counts?: ListTallies;
  /**
   * Why not.
   */
  error?: string;
  /**
   * Which list.
   */
  list: string;
  /**
   * Whether it is watched.
   */
  ok: boolean;
  /**
   * The position that `counts` are of.
   */
  position?: number;
}
/**
 * The second argument of every broadcast: which event it is of. The first one is the seed's object.
 */
export interface Meta {
  /**
   * Whose doing it was: an account, or null for the system's own.
   */
  actor?: string | null;
  /**
   * The event.
   */
  eventId: string;
  /**
   * When it was recorded.
   */
  occurredAt: string;
  /**
   * The event's place in the log, from 1. What a client passes to resume.
   */
  position: number;
  /**
   * Whether this is told late, because the receiver was away when it happened. Left out when it is not.
   */
  replayed?: boolean;
  /**
   * The ticket's version after it, from 1: how many of its events the receiver may know of.
   */
  version: number;
}
/**
 * The object of `operations:changed`.
 */
export interface OperationsChanged {
  /**
   * Every read model.
   */
  projections: ProjectionStatus[];
  relay: RelayStatus;
}
/**
 * How a read model is doing.
 */
export interface ProjectionStatus {
  /**
   * Events that it has not applied yet.
   */
  lag: number;
  /**
   * Which one.
   */
  name: string;
  /**
   * Streams that wait for `retry` or `skip`.
   */
  parked: number;
  /**
   * What it has applied.
   */
  position: number;
  /**
   * `running`, `catching-up`, `stuck` or `dead`.
   */
  state: string;
}
/**
 * How the broadcasts are doing.
 */
export interface RelayStatus {
  /**
   * Streams that are no longer told, because one of their events could not be.
   */
  parked: number;
  /**
   * The last position that was told.
   */
  position: number;
  /**
   * How often it was started over.
   */
  restarts: number;
}
/**
 * The acknowledgement of a `presence:list` that succeeded.
 */
export interface PeopleAnswer {
  /**
   * How many others there are. Left out when there are none.
   */
  leftOut?: number;
  ok: true;
  /**
   * Everybody who is not offline: agents first, at most 1,000.
   */
  people: PresentPerson[];
}
/**
 * Somebody, and whether they can be reached.
 */
export interface PresentPerson {
  /**
   * Whose account it is.
   */
  id: string;
  /**
   * The person's name.
   */
  name: string;
  /**
   * What the account is for.
   */
  role: string;
  state: Availability;
}
/**
 * The argument of `presence`: what a tab says of whoever sits before it.
 */
export interface Presence {
  state: Availability;
}
/**
 * The object of `presence:changed`: whoever is reached otherwise than before.
 */
export interface PresenceChanged {
  /**
   * Those whose state has changed, with the present one.
   */
  people: PresentPerson[];
}
/**
 * The shape of an [`Answer`] that it was not: to any request.
 */
export interface Refused {
  /**
   * Why not: `not a ticket id`, `not found`, `not permitted`, `bad request: …`, `unavailable` or `limited`.
   */
  error: string;
  /**
   * Which limit stood in the way, of `limited`.
   */
  limit?: string;
  ok: false;
  /**
   * When to try again, in milliseconds from now; left out where time alone does not help.
   */
  retryAfterMs?: number;
}
/**
 * The object of `resync`: fetch anew what is shown; everything after the position is told as it happens.
 */
export interface Resync {
  /**
   * What is fetched must be of this position at least (`Min-Position`).
   */
  position: number;
  reason: ResyncReason;
}
/**
 * The object of `server:stopping`: the connection ends at once, by plan.
 */
export interface Stopping {
  /**
   * When to connect again, in milliseconds from now: each client has a time of its own, so that not all come at once.
   */
  reconnectInMs: number;
}
/**
 * The object of `ticket:deleted`.
 */
export interface TicketDeleted {
  /**
   * Which ticket.
   */
  id: string;
  ticket: Ticket;
}
/**
 * What became of one ticket of the handshake.
 */
export interface TicketJoined {
  /**
   * Why not.
   */
  error?: string;
  /**
   * Whether the client is in its room.
   */
  ok: boolean;
  /**
   * Which ticket.
   */
  ticket: string;
}
/**
 * The argument of `typing`.
 */
export interface Typing {
  /**
   * Whether it will be an internal comment.
   */
  internal: boolean;
  /**
   * On which ticket; the client must be in its room.
   */
  ticket: string;
  /**
   * Whether keys are being pressed, or no longer.
   */
  typing: boolean;
}
/**
 * The object of `typing`, towards the others in the room.
 */
export interface TypingChanged {
  /**
   * Whether it will be an internal comment. Never true towards a requester.
   */
  internal: boolean;
  person?: Typist | null;
  /**
   * On which ticket.
   */
  ticket: string;
  /**
   * Whether they type, or no longer.
   */
  typing: boolean;
}
/**
 * Somebody who types.
 */
export interface Typist {
  /**
   * Whose account it is.
   */
  id: string;
  /**
   * The person's name.
   */
  name: string;
}
/**
 * An account as admins and auditors see it in `GET /api/users`.
 */
export interface User {
  /**
   * When it began.
   */
  createdAt: string;
  /**
   * Where its owner belongs.
   */
  department?: string | null;
  /**
   * Where its owner is reached.
   */
  email: string;
  /**
   * Which account.
   */
  id: string;
  /**
   * Whether its owner can sign in through an identity provider, of whatever kind.
   */
  isKeycloakUser: boolean;
  /**
   * Its owner's name.
   */
  name: string;
  /**
   * What it is for.
   */
  role: string;
}
/**
 * Somebody, and what they do with a ticket.
 */
export interface Viewer {
  /**
   * Whose account it is.
   */
  id: string;
  /**
   * The person's name.
   */
  name: string;
  /**
   * What the account is for.
   */
  role: string;
  state: Involvement;
}
/**
 * The acknowledgement of a `viewing` that succeeded.
 */
export interface ViewersAnswer {
  ok: true;
  /**
   * Everybody who has the ticket open. Agents only.
   */
  viewers?: Viewer[];
}
/**
 * The object of `viewers:changed`: everybody who has the ticket open.
 */
export interface ViewersChanged {
  /**
   * Which ticket.
   */
  ticket: string;
  /**
   * All of them.
   */
  viewers: Viewer[];
}
/**
 * The argument of `viewing`.
 */
export interface Viewing {
  state: ViewingState;
  /**
   * Which ticket; the client must be in its room.
   */
  ticket: string;
}
/**
 * The object of `welcome`, the first frame of every connection.
 */
export interface Welcome {
  /**
   * The answer to each list that the client asked to watch, in its order.
   */
  lists: ListWatched[];
  /**
   * Where the live part begins: everything after it is told as it happens.
   */
  position: number;
  /**
   * Whether what the client missed follows, ended by `caught-up`.
   */
  replaying: boolean;
  /**
   * The answer to each ticket that the client asked to be in the room of, in its order.
   */
  tickets: TicketJoined[];
}

/** What the server sends: each event with its arguments. */
export interface ServerEvents {
  /** An account was created. To: the room `admins`: agents and admins. */
  "account:created": [account: User, meta: Meta];
  /** An account is another than it was: this is how it is now. To: the room `admins`: agents and admins. */
  "account:updated": [account: User, meta: Meta];
  /** A file was attached to a ticket. To: the ticket's room. */
  "attachment:added": [attachment: Attachment, meta: Meta];
  /** Nothing that the client may see has happened up to this position since the last frame. To: whoever would resume from far back otherwise, at most every 15 s. */
  bookmark: [bookmark: Bookmark];
  /** All that the client missed has been told. To: whoever passed a position and was not told `resync`. */
  "caught-up": [caughtUp: CaughtUp];
  /** A comment was added to a ticket. Internal ones go to agents and auditors only. To: the ticket's room. */
  "comment:added": [comment: Comment, meta: Meta];
  /** A ticket entered a list, left it or changed in it. Comes after the broadcast of the same position. To: whoever watches the list. */
  "list:changed": [change: ListChanged, meta: Meta];
  /** How many tickets a list has, at most once a second and only if that has changed. To: whoever watches the list. */
  "list:counts": [counts: ListCounts];
  /** How the program is doing: on entering, then at most once a second and only if that has changed. To: the room `operators`: whoever runs the program. */
  "operations:changed": [operations: OperationsChanged];
  /** People are reached otherwise than before; those that are not named are as they were. To: the room `admins`: agents and admins. */
  "presence:changed": [presence: PresenceChanged];
  /** What is shown must be fetched anew; everything after the position is told as it happens. To: whoever cannot be told one by one what it missed. */
  resync: [resync: Resync];
  /** The connection ends at once, by plan. To: every client, each with a time of its own. */
  "server:stopping": [stopping: Stopping];
  /** A ticket was created. To: all clients that may read the ticket. */
  "ticket:created": [ticket: Ticket, meta: Meta];
  /** A ticket was deleted: this is what it was. To: all clients that may read the ticket. */
  "ticket:deleted": [deleted: TicketDeleted, meta: Meta];
  /** A ticket is another than it was: this is how it is now. To: all clients that may read the ticket. */
  "ticket:updated": [ticket: Ticket, meta: Meta];
  /** Somebody types a comment, or no longer. Internal ones are told to agents only. To: the ticket's room, but for whoever types. */
  typing: [typing: TypingChanged];
  /** Who has a ticket open, all of them. To: agents in the ticket's room, or with a watched list that shows the ticket. */
  "viewers:changed": [viewers: ViewersChanged];
  /** The first frame of every connection: where the live part begins, and what became of the handshake's wishes. To: every client, once a connection. */
  welcome: [welcome: Welcome];
}

/** What a client asks: each request with its arguments and its answer. */
export interface ClientRequests {
  /** Be in a ticket's room from now on. From: whoever may read the ticket. */
  "join-ticket": { arguments: [ticket: string]; answer: JoinAnswer | Refused };
  /** Be in a ticket's room no longer. Done too if the client was not in it. From: anybody connected. */
  "leave-ticket": { arguments: [ticket: string]; answer: Done | Refused };
  /** Watch a list no longer. From: anybody connected. */
  "list:unwatch": { arguments: [list: ListUnwatch]; answer: Done | Refused };
  /** Watch a list; the same name again replaces what was watched under it. From: anybody connected. */
  "list:watch": { arguments: [watch: ListWatch]; answer: ListAnswer | Refused };
  /** Ask who is there. From: agents and admins. */
  "presence:list": { arguments: []; answer: PeopleAnswer | Refused };
  /** Say whether somebody sits before this tab. From: anybody connected. */
  presence: { arguments: [presence: Presence]; answer: Done | Refused };
  /** Say that a comment is being typed, at most every two seconds; or no longer. Internal ones: agents only. From: whoever is in the ticket's room. */
  typing: { arguments: [typing: Typing]; answer: Done | Refused };
  /** Say what this tab does with a ticket. From: whoever is in the ticket's room. */
  viewing: { arguments: [viewing: Viewing]; answer: ViewersAnswer | Refused };
}

/** The events that are told of what is stored, with a `Meta` as their last argument. */
export const BROADCASTS = [
  "account:created",
  "account:updated",
  "attachment:added",
  "comment:added",
  "list:changed",
  "ticket:created",
  "ticket:deleted",
  "ticket:updated",
] as const;
