import type { QueryClient } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import { KEYS, ticketQuery } from "@/api/queries";
import { ProblemError } from "@/api/problem";
import type { Ticket, UpdateTicketInput } from "@/api/schema";
import { updated } from "@/live/cache";
import type { Outbox, Unsent } from "./outbox";
import { Store } from "./store";

/** Fields of a ticket as somebody wants them. */
export type TicketChange = UpdateTicketInput;

/** Somebody else has changed the same fields meanwhile. */
export interface Conflict {
  /** The ticket as it is now: theirs. */
  theirs: Ticket;
  /** What was wanted of the disputed fields: mine. */
  mine: TicketChange;
}

/** A change that is on its way, as it is shown meanwhile. */
export interface PendingChange {
  ticket: string;
  change: TicketChange;
  /** The version that the server has made of it; null until then. */
  doneIn: number | null;
}

/** How long a change that was done is remembered, so that nothing flickers until all lists show it, in milliseconds. */
const SETTLES_MS = 2_000;

/** What this page has changed and the server has not confirmed yet. */
export const pendingChanges = new Store<readonly PendingChange[]>([]);

/**
 * Changes a ticket, decided on `seen`. It is shown at once, and sent until the server has answered. If somebody else was
 * quicker, other fields of theirs are left alone; `decide` is asked about the same ones. Gives the ticket as it is then.
 */
export async function changeTicket(
  outbox: Outbox,
  queries: QueryClient,
  seen: Ticket,
  change: TicketChange,
  decide: (conflict: Conflict) => Promise<"theirs" | "mine">,
): Promise<Ticket> {
  const shown: PendingChange = { ticket: seen.id, change, doneIn: null };
  pendingChanges.set([...pendingChanges.get(), shown]);
  const settle = (ticket: Ticket | null) => {
    const others = pendingChanges.get().filter((one) => one !== shown && one !== done);
    const done = ticket && { ...shown, doneIn: ticket.version };
    pendingChanges.set(done ? [...others, done] : others);
    if (!done) return;
    setTimeout(() => pendingChanges.set(pendingChanges.get().filter((one) => one !== done)), SETTLES_MS);
  };
  try {
    const ticket = await sent(outbox, seen, change, decide);
    takeIn(queries, ticket);
    settle(ticket);
    return ticket;
  } catch (error) {
    settle(null);
    throw error;
  }
}

async function sent(
  outbox: Outbox,
  seen: Ticket,
  change: TicketChange,
  decide: (conflict: Conflict) => Promise<"theirs" | "mine">,
): Promise<Ticket> {
  let base = seen;
  let wanted = change;
  for (;;) {
    try {
      return await outbox.send<Ticket>({
        method: "PATCH",
        path: `/api/tickets/${seen.id}`,
        body: wanted,
        ifMatch: base.version,
        ticket: seen.id,
        // If this page is gone by then, the ticket's own page has to decide (`pages/ticket`).
        memo: { kind: "change", base: only(wanted, base) },
      });
    } catch (error) {
      takeBack(outbox, seen.id, wanted);
      if (ProblemError.of(error).status !== 412) throw error;
      const theirs = await body(api.GET("/api/tickets/{id}", { params: { path: { id: seen.id } } }));
      const disputed = disputedFields(base, theirs, wanted);
      const isTheirs =
        Object.keys(disputed).length > 0 && (await decide({ theirs, mine: disputed })) === "theirs";
      wanted = left(wanted, (name) => theirs[name] === wanted[name] || (isTheirs && name in disputed));
      if (Object.keys(wanted).length === 0) return theirs;
      base = theirs;
    }
  }
}

type Name = keyof TicketChange;

/** The refusal is told by this page: nobody else need decide on it. */
function takeBack(outbox: Outbox, ticket: string, wanted: TicketChange): void {
  const body = JSON.stringify(wanted);
  const refusal = outbox.refusals
    .get()
    .find(({ command }) => command.ticket === ticket && JSON.stringify(command.body) === body);
  if (refusal) outbox.takeBack(refusal.command.key);
}

function only(wanted: TicketChange, from: Ticket): TicketChange {
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, from[name as Name] ?? null]));
}

/** What of `wanted` somebody else has changed to something else. */
export function disputedFields(seen: Ticket, theirs: Ticket, wanted: TicketChange): TicketChange {
  return left(wanted, (name) => theirs[name] === seen[name] || theirs[name] === wanted[name]);
}

function left(change: TicketChange, isDropped: (name: Name) => boolean): TicketChange {
  return Object.fromEntries(Object.entries(change).filter(([name]) => !isDropped(name as Name)));
}

/** Shows the server's answer wherever the ticket is shown; where it belongs in a list, the list is told. */
function takeIn(queries: QueryClient, ticket: Ticket): void {
  queries.setQueryData(ticketQuery(ticket.id).queryKey, (whole) => (whole ? updated(whole, ticket) : whole));
  queries.setQueriesData<{ tickets?: readonly Ticket[] }>({ queryKey: [KEYS.tickets, "list"] }, (list) => {
    if (!list?.tickets?.some(({ id, version }) => id === ticket.id && version <= ticket.version)) return list;
    return {
      ...list,
      tickets: list.tickets.map((one) => (one.id === ticket.id ? { ...one, ...ticket } : one)),
    };
  });
}

/** The ticket as it will be once what is on its way has arrived; itself if nothing is. */
export function withPending(
  ticket: Ticket,
  pending: readonly PendingChange[],
  unsent: readonly Unsent[],
): { ticket: Ticket; isUnsent: boolean } {
  let changed = ticket;
  let isUnsent = false;
  for (const { ticket: id, method, path, body } of unsent) {
    if (id !== ticket.id || method !== "PATCH" || path !== `/api/tickets/${id}`) continue;
    changed = { ...changed, ...(body as TicketChange) };
    isUnsent = true;
  }
  for (const { ticket: id, change, doneIn } of pending) {
    if (id !== ticket.id || (doneIn !== null && ticket.version >= doneIn)) continue;
    changed = { ...changed, ...change };
  }
  return { ticket: changed, isUnsent };
}
