// What is asked of the server, each under one key, so that broadcasts know what to change and pages share what they have.
import { queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import type { Ticket } from "./schema";

/** The keys' first words. */
export const KEYS = {
  session: "session",
  ticket: "ticket",
  tickets: "tickets",
  stats: "stats",
  agents: "agents",
  users: "users",
  newest: "newest",
} as const;

/** Who is signed in (`user`, null if nobody is), and how large files may be. */
export const sessionQuery = queryOptions({
  queryKey: [KEYS.session],
  queryFn: ({ signal }) => body(api.GET("/api/auth/session", { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

export const versionQuery = queryOptions({
  queryKey: ["version"],
  queryFn: ({ signal }) => body(api.GET("/api/version", { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Up to which position something was told live of each ticket that was fetched. */
const told = new Map<string, number>();

/** What is fetched of the ticket from now on has everything up to `position`. */
export function noteTold(id: string, position: number): void {
  told.set(id, Math.max(position, told.get(id) ?? 0));
}

/** It may be another log from now on, with other positions. */
export function forgetTold(): void {
  told.clear();
}

/** One ticket with its comments and files. Broadcasts keep it current (`live/cache.ts`). */
export function ticketQuery(id: string) {
  return queryOptions({
    queryKey: [KEYS.ticket, id],
    queryFn: ({ signal }) => {
      const position = told.get(id);
      const headers = position === undefined ? {} : { "min-position": String(position) };
      return body(api.GET("/api/tickets/{id}", { params: { path: { id } }, headers, signal }));
    },
  });
}

/** Which tickets, and in which order; what is missing is not asked for. Lives in the URL. */
export interface TicketFilters {
  status?: readonly Ticket["status"][];
  priority?: readonly Ticket["priority"][];
  category?: readonly Ticket["category"][];
  /** An account's id, `me`, or `none`. */
  assignee?: string;
  requester?: string;
  q?: string;
  /** A position or a time: the list as it was then. */
  at?: string;
}

/** The filters as the server's query; `me` is the reader's id. */
export function listParameters(filters: TicketFilters, me: string): Record<string, string> {
  const { status, priority, category, assignee, requester, q, at } = filters;
  const given = {
    status: status?.join(","),
    priority: priority?.join(","),
    category: category?.join(","),
    assignee: assignee === "me" ? me : assignee,
    requester,
    q,
    at,
  };
  return Object.fromEntries(
    Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ""),
  );
}

export const statsQuery = queryOptions({
  queryKey: [KEYS.stats],
  queryFn: ({ signal }) => body(api.GET("/api/stats", { signal })),
});

/** To whom tickets can be assigned, by name. Agents and auditors only. */
export const agentsQuery = queryOptions({
  queryKey: [KEYS.agents],
  queryFn: ({ signal }) =>
    body(api.GET("/api/users", { params: { query: { role: "ADMIN", limit: 200 } }, signal })),
  staleTime: 60_000,
});
