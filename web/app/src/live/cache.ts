import type { QueryClient } from "@tanstack/react-query";
import type { Attachment, Comment, RealtimeClient, Ticket as LiveTicket } from "informejo-realtime";
import { forgetTold, KEYS, noteTold, ticketQuery } from "@/api/queries";
import type { Ticket } from "@/api/schema";

/**
 * Takes what is broadcast into what was fetched: whole tickets are changed in place; where the server cannot tell
 * everything, what was fetched is fetched anew. Lists look after themselves (`pages/tickets`). Gives back what ends it.
 */
export function keepCurrent(live: RealtimeClient, queries: QueryClient): () => void {
  const ticketKey = (id: string) => ticketQuery(id).queryKey;
  const change = (id: string, into: (ticket: Ticket) => Ticket) =>
    queries.setQueryData(ticketKey(id), (ticket) => (ticket ? into(ticket) : ticket));

  const endings = [
    live.on("ticket:updated", (ticket, { position }) => {
      void haveTicketUpTo(queries, ticket.id, position);
      // What people wrote is rendered by the server, once: a new description is fetched with its rendering.
      const known = queries.getQueryData(ticketKey(ticket.id));
      change(ticket.id, (whole) => updated(whole, ticket));
      if (known && known.description !== ticket.description) {
        void queries.invalidateQueries({ queryKey: ticketKey(ticket.id) });
      }
    }),
    live.on("comment:added", (comment, { position, version }) => {
      void haveTicketUpTo(queries, comment.ticketId, position);
      change(comment.ticketId, (whole) => atVersion(commented(whole, comment), version));
    }),
    live.on("attachment:added", (file, { position, version }) => {
      void haveTicketUpTo(queries, file.ticketId, position);
      change(file.ticketId, (whole) => atVersion(attached(whole, file), version));
    }),
    live.on("resync", () => {
      forgetTold();
      void queries.invalidateQueries({ predicate: ({ queryKey }) => isLive(queryKey) });
    }),
    live.onGap(({ ticket }) => void queries.invalidateQueries({ queryKey: ticketKey(ticket) })),
  ];
  return () => {
    for (const end of endings) end();
  };
}

/**
 * What is shown of a ticket has everything up to `position`: what is being fetched may lack it, and is fetched once more; what
 * was fetched before only if it `mayLack` it.
 */
export async function haveTicketUpTo(
  queries: QueryClient,
  id: string,
  position: number,
  mayLack = false,
): Promise<void> {
  const { queryKey } = ticketQuery(id);
  const state = queries.getQueryState(queryKey);
  if (!state) return;
  noteTold(id, position);
  const isFetching = state.fetchStatus === "fetching";
  if (!isFetching && !mayLack) return;
  // A first fetch cannot be given up for another one: its answer is waited for.
  if (isFetching && state.data === undefined) await queries.fetchQuery(ticketQuery(id)).catch(() => {});
  await queries.invalidateQueries({ queryKey });
}

const LIVE: readonly unknown[] = [
  KEYS.ticket,
  KEYS.tickets,
  KEYS.stats,
  KEYS.agents,
  KEYS.users,
  KEYS.newest,
];

function isLive(key: readonly unknown[]): boolean {
  return LIVE.includes(key[0]);
}

/** The whole ticket with the list's fields of a newer one. */
export function updated(whole: Ticket, ticket: LiveTicket): Ticket {
  if (ticket.version < whole.version) return whole;
  const { comments, attachments } = whole;
  return { ...whole, ...(ticket as Ticket), comments: comments ?? null, attachments: attachments ?? null };
}

/** The ticket at this version, unless it is at a later one: comments and files count as well. */
function atVersion(whole: Ticket, version: number): Ticket {
  return version > whole.version ? { ...whole, version } : whole;
}

/** The ticket with one more comment, unless it has it. Oldest first. */
export function commented(whole: Ticket, comment: Comment): Ticket {
  const comments = whole.comments ?? [];
  if (comments.some(({ id }) => id === comment.id)) return whole;
  const count = { ...whole._count, comments: comments.length + 1 };
  return { ...whole, comments: [...comments, comment as (typeof comments)[number]], _count: count };
}

/** The ticket with one more file, unless it has it. Newest first. */
export function attached(whole: Ticket, file: Attachment): Ticket {
  const files = whole.attachments ?? [];
  if (files.some(({ id }) => id === file.id)) return whole;
  const count = { ...whole._count, attachments: files.length + 1 };
  return { ...whole, attachments: [file as (typeof files)[number], ...files], _count: count };
}
