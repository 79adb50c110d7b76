import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, body } from "./client";

export type { SearchMatch, SearchResult, SearchResults, SnippetSegment } from "./schema";

/** The fewest letters that are looked for. */
export const SEARCH_MIN = 2;

/** Tickets by their texts, the best ones first. */
export function searchQuery(q: string, limit: number) {
  return infiniteQueryOptions({
    queryKey: ["search", q, limit],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = { q, limit: `${limit}`, ...(pageParam && { cursor: pageParam }) };
      return body(api.GET("/api/search", { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.nextCursor ?? null,
    enabled: [...q].length >= SEARCH_MIN,
    staleTime: 10_000,
  });
}
