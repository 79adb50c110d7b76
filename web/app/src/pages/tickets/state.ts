import type { ListChanged } from "informejo-realtime";
import type { Ticket } from "@/api/schema";
import type { Order } from "./order";

/** A list's beginning, as far as it was fetched, in order. */
export interface ListState {
  tickets: readonly Ticket[];
  /** Where the next page begins; null if there is none. */
  next: string | null;
  /** The last ticket of the last page when it was fetched: what stands behind it belongs to pages that are not here yet. */
  edge: Ticket | null;
}

/** What a list shows of a description. */
const DESCRIPTION_CHARS = 240;

/** A ticket as lists keep it: by the thousands. */
export function slim(ticket: Ticket): Ticket {
  const { description } = ticket;
  return description.length > DESCRIPTION_CHARS
    ? { ...ticket, description: description.slice(0, DESCRIPTION_CHARS) }
    : ticket;
}

/** The list with what has happened in it. A ticket that is known in a newer version stays. */
export function applied(state: ListState, changes: readonly ListChanged[], order: Order): ListState {
  if (changes.length === 0) return state;
  const tickets = [...state.tickets];
  const isIn = (ticket: Ticket) => state.next === null || !state.edge || order(ticket, state.edge) <= 0;
  for (const { id, change, ticket } of changes) {
    const at = tickets.findIndex((one) => one.id === id);
    const known = at < 0 ? undefined : tickets[at];
    if (at >= 0) tickets.splice(at, 1);
    if (change === "left" || !ticket) continue;
    const said = slim(ticket as Ticket);
    const latest = known && known.version > said.version ? known : said;
    if (isIn(latest)) tickets.splice(placeOf(tickets, latest, order), 0, latest);
  }
  return { ...state, tickets };
}

/** The list with one more page. */
export function appended(state: ListState, page: readonly Ticket[], next: string | null): ListState {
  const known = new Set(state.tickets.map(({ id }) => id));
  const more = page.filter(({ id }) => !known.has(id)).map(slim);
  return { tickets: [...state.tickets, ...more], next, edge: page.at(-1) ?? state.edge };
}

/** The fetched list with the objects of the one before, where nothing has changed: what is not new need not be drawn anew. */
export function reused(fetched: ListState, before: ListState | undefined): ListState {
  if (!before) return fetched;
  const known = new Map(before.tickets.map((ticket) => [ticket.id, ticket]));
  const tickets = fetched.tickets.map((ticket) => {
    const old = known.get(ticket.id);
    // Names of people are not part of a ticket's version.
    const isSame =
      old?.version === ticket.version &&
      old.createdBy.name === ticket.createdBy.name &&
      old.assignedTo?.name === ticket.assignedTo?.name;
    return isSame ? old : ticket;
  });
  return { ...fetched, tickets };
}

/** Where `ticket` belongs in an ordered list. */
export function placeOf(tickets: readonly Ticket[], ticket: Ticket, order: Order): number {
  let from = 0;
  let to = tickets.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (order(tickets[middle]!, ticket) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The ticket on which the focus is, and where it was when it got it. */
export interface Held {
  ticket: Ticket;
  /** What is known of it since. */
  latest: Ticket;
  /** Those that stood before it, nearest first. */
  before: readonly string[];
}

/**
 * The list as it is shown while `held` has the focus: it stays where it is, although it has changed its place or left the
 * list, until the focus goes on. Whoever works on it does not lose it under their hands.
 */
export function arranged(tickets: readonly Ticket[], held: Held | null, order: Order): readonly Ticket[] {
  if (!held) return tickets;
  const { id } = held.ticket;
  const at = tickets.findIndex((ticket) => ticket.id === id);
  const present = at < 0 ? undefined : tickets[at]!;
  // Nothing that its place depends on has changed.
  if (present && order(present, held.ticket) === 0) return tickets;
  const others = tickets.filter((ticket) => ticket.id !== id);
  const places = new Map(others.map((ticket, place) => [ticket.id, place]));
  const nearest = held.before.find((one) => places.has(one));
  const place = nearest === undefined ? 0 : places.get(nearest)! + 1;
  return [...others.slice(0, place), present ?? held.latest, ...others.slice(place)];
}
