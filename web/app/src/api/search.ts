import { infiniteQueryOptions } from "@tanstack/react-query";
import { body } from "./client";
import type { Ticket } from "./schema";

/** A stretch of a text; `hit` if it is what was looked for. */
export interface Segment {
  text: string;
  hit: boolean;
}

/** Where in a ticket something was found. */
export interface SearchMatch {
  where: "title" | "description" | "comment" | "file";
  id?: string | null;
  snippet: Segment[];
  isInternal?: boolean | null;
  by?: string | null;
}

export interface SearchResult {
  ticket: Ticket;
  matches: SearchMatch[];
}

export interface SearchResults {
  results: SearchResult[];
  total: number;
  totalIsExact?: boolean;
  /** What was looked for instead, because nothing was found by what was asked. */
  corrected?: string | null;
  nextCursor?: string | null;
}

/** The fewest letters that are looked for. */
export const SEARCH_MIN = 2;

/** Tickets by their texts, the best ones first. */
export function searchQuery(q: string, limit: number) {
  return infiniteQueryOptions({
    queryKey: ["search", q, limit],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }): Promise<SearchResults> => {
      const query = new URLSearchParams({ q, limit: `${limit}`, ...(pageParam && { cursor: pageParam }) });
      return body<SearchResults>(fetched(`/api/search?${query}`, signal));
    },
    getNextPageParam: (page) => page.nextCursor ?? null,
    enabled: [...q].length >= SEARCH_MIN,
    staleTime: 10_000,
  });
}

async function fetched(path: string, signal: AbortSignal) {
  const response = await fetch(path, { signal });
  const answer: unknown = await response.json().catch(() => null);
  return response.ok ? { data: answer as SearchResults, response } : { error: answer, response };
}
