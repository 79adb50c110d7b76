import { queryOptions } from "@tanstack/react-query";
import type { ListChanged } from "informejo-realtime";
import { answer, api, nextCursor } from "@/api/client";
import { KEYS, listParameters, type TicketFilters } from "@/api/queries";
import type { Ticket } from "@/api/schema";
import { ORDERS } from "./order";
import { appended, applied, type ListState, reused } from "./state";
import type { Sort } from "./view";

/** Tickets in the first page, and in those that follow. */
export const FIRST_PAGE = 50;
const NEXT_PAGE = 200;
/** As many are fetched again at most when the list may have changed unseen; who has gone further down gets there again. */
const AGAIN_MAX = 2_000;

/** What has to be known of a list besides its tickets, so that what is fetched and what is told fit together. */
export interface Track {
  /** The last position that the list has been told of; what is fetched must not be older. */
  position: number;
  /** Since which position the list is watched: nothing after it goes unseen. */
  watchedFrom: number;
  /** Which tickets were looked at: that many are fetched again. */
  reach: number;
  /** Requests under way, and what was told meanwhile. */
  requests: number;
  told: ListChanged[];
}

const tracks = new Map<string, Track>();

export function trackOf(key: string): Track {
  const track = tracks.get(key) ?? { position: 0, watchedFrom: 0, reach: 0, requests: 0, told: [] };
  tracks.set(key, track);
  return track;
}

/** One list of tickets: which ones, in which order. */
export interface Wanted {
  filters: TicketFilters;
  sort: Sort;
  /** The reader, whom `me` means. */
  me: string;
}

export function parametersOf({ filters, sort, me }: Wanted): Record<string, string> {
  return { ...listParameters(filters, me), ...(sort !== "newest" && { sort }) };
}

export const keyOf = (parameters: Record<string, string>): string => JSON.stringify(parameters);

/** The beginning of a list, as it is now. `before` is what is shown until then. */
export function listQuery(wanted: Wanted, before: () => ListState | undefined) {
  const parameters = parametersOf(wanted);
  const key = keyOf(parameters);
  return queryOptions({
    queryKey: [KEYS.tickets, "list", parameters],
    // Every change would be compared with thousands of tickets otherwise.
    structuralSharing: false,
    queryFn: async ({ signal }): Promise<ListState> => {
      const known = before();
      const reach = known ? Math.min(trackOf(key).reach + FIRST_PAGE, known.tickets.length, AGAIN_MAX) : 0;
      return during(key, wanted.sort, async () => {
        for (;;) {
          const { position } = trackOf(key);
          const state = await pages(parameters, key, reach, signal);
          // Watched from a later moment on than this shows: what happened in between would be missing.
          if (position >= trackOf(key).watchedFrom) return reused(state, known);
        }
      });
    },
  });
}

/** The first pages, as many as hold `reach` tickets. */
async function pages(
  parameters: Record<string, string>,
  key: string,
  reach: number,
  signal: AbortSignal,
): Promise<ListState> {
  let state: ListState = { tickets: [], next: null, edge: null };
  do {
    const limit = reach > FIRST_PAGE ? NEXT_PAGE : FIRST_PAGE;
    const page = await fetched(parameters, key, state.next, limit, signal);
    state = appended(state, page.tickets, page.next);
  } while (state.next !== null && state.tickets.length < reach);
  return state;
}

/** The list with its next page. `present` gives it as it is when the page is there. */
export async function withNextPage(
  wanted: Wanted,
  from: string,
  present: () => ListState | undefined,
): Promise<ListState | undefined> {
  const parameters = parametersOf(wanted);
  const key = keyOf(parameters);
  return during(key, wanted.sort, async () => {
    const { tickets, next } = await fetched(parameters, key, from, NEXT_PAGE);
    const state = present();
    // Fetched anew meanwhile, and so another page follows.
    return state?.next === from ? appended(state, tickets, next) : state;
  });
}

/** What `work` gives, with all that was told while it was under way. */
async function during<State extends ListState | undefined>(
  key: string,
  sort: Sort,
  work: () => Promise<State>,
): Promise<State> {
  const track = trackOf(key);
  track.requests += 1;
  try {
    const state = await work();
    return (state && applied(state, track.told, ORDERS[sort])) as State;
  } finally {
    track.requests -= 1;
    if (track.requests === 0) track.told = [];
  }
}

async function fetched(
  parameters: Record<string, string>,
  key: string,
  cursor: string | null,
  limit: number,
  signal?: AbortSignal,
): Promise<{ tickets: Ticket[]; next: string | null }> {
  const { position } = trackOf(key);
  const query = { ...parameters, limit: `${limit}`, ...(cursor !== null && { cursor }) };
  const { data, response } = await answer(
    api.GET("/api/tickets", {
      params: { query },
      ...(position > 0 && { headers: { "min-position": `${position}` } }),
      ...(signal && { signal }),
    }),
  );
  return { tickets: data, next: nextCursor(response) };
}
