// What auditors ask for. Everything here that has contents is recorded by the server, so nothing is asked for twice unasked.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, body, nextCursor } from "@/api/client";
import type { HistoryStep, Stats, Ticket, TicketDifference } from "@/api/schema";

/** The keys' first words. */
const AUDIT = {
  history: "audit.history",
  past: "audit.past",
  figures: "audit.figures",
  ticketDiff: "audit.ticketDiff",
  deskDiff: "audit.deskDiff",
} as const;

export const verificationQuery = queryOptions({
  queryKey: ["audit.verification"],
  queryFn: ({ signal }) => body(api.GET("/api/audit/verification", { signal })),
});

export const HEADS_PAGE = 50;

/** Signed heads, the newest first. */
export const headsQuery = infiniteQueryOptions({
  queryKey: ["audit.heads"],
  initialPageParam: null as number | null,
  queryFn: ({ pageParam, signal }) => {
    const query = { limit: HEADS_PAGE, ...(pageParam === null ? {} : { before: pageParam }) };
    return body(api.GET("/api/audit/heads", { params: { query }, signal }));
  },
  getNextPageParam: ({ heads }) => (heads.length < HEADS_PAGE ? null : (heads.at(-1)?.position ?? null)),
});

export interface HistoryPage {
  steps: HistoryStep[];
  next: string | null;
}

/** A page of a ticket's events: after that version, if it is given. */
export async function fetchHistory(
  id: string,
  after: string | null,
  signal?: AbortSignal,
): Promise<HistoryPage> {
  const query = after === null ? {} : { cursor: after };
  const { data, response } = await answer(
    api.GET("/api/tickets/{id}/history", {
      params: { path: { id }, query },
      ...(signal ? { signal } : {}),
    }),
  );
  return { steps: data, next: nextCursor(response) };
}

export function historyQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: [AUDIT.history, id],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => fetchHistory(id, pageParam, signal),
    getNextPageParam: (page) => page.next,
    // What has happened stays as it is; what is new is asked for after the last of it.
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export interface PastPage {
  tickets: Ticket[];
  next: string | null;
  /** Which moment it is of; null if it is of now. */
  position: number | null;
}

const number = (text: string | null): number | null => (text === null ? null : Number(text));

/** Tickets as they were. `filters` is the server's query, with `at`. */
export function pastQuery(filters: Record<string, string>) {
  return infiniteQueryOptions({
    queryKey: [AUDIT.past, filters],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }): Promise<PastPage> => {
      const query = { ...filters, limit: "50", ...(pageParam === null ? {} : { cursor: pageParam }) };
      const { data, response } = await answer(api.GET("/api/tickets", { params: { query }, signal }));
      const position = number(response.headers.get("x-at-position"));
      return { tickets: data, next: nextCursor(response), position };
    },
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    staleTime: filters["at"] === undefined ? 5_000 : 60_000,
  });
}

/** The desk's figures as they were. */
export function figuresQuery(at: string | undefined) {
  return queryOptions({
    queryKey: [AUDIT.figures, at ?? null],
    queryFn: ({ signal }): Promise<Stats> =>
      body(api.GET("/api/stats", { params: { query: at === undefined ? {} : { at } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: at === undefined ? 5_000 : 60_000,
  });
}

/** The two moments of a comparison, as the server's query has them. */
export interface Between {
  from?: string;
  to?: string;
}

export function ticketDiffQuery(id: string, between: Between) {
  return queryOptions({
    queryKey: [AUDIT.ticketDiff, id, between],
    queryFn: ({ signal }) =>
      body(api.GET("/api/tickets/{id}/diff", { params: { path: { id }, query: between }, signal })),
    placeholderData: keepPreviousData,
  });
}

export interface DeskDiffPage {
  tickets: TicketDifference[];
  next: string | null;
  from: number | null;
  to: number | null;
}

export function deskDiffQuery(between: Between) {
  return infiniteQueryOptions({
    queryKey: [AUDIT.deskDiff, between],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }): Promise<DeskDiffPage> => {
      const query = { ...between, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) };
      const { data, response } = await answer(api.GET("/api/audit/diff", { params: { query }, signal }));
      return {
        tickets: data,
        next: nextCursor(response),
        from: number(response.headers.get("x-from-position")),
        to: number(response.headers.get("x-to-position")),
      };
    },
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}
