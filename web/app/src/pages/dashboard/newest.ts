import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ListChanged } from "informejo-realtime";
import { body, api } from "@/api/client";
import { KEYS, listParameters, type TicketFilters } from "@/api/queries";
import type { Ticket } from "@/api/schema";
import { useLiveEvent } from "@/live/live";

/** How many tickets a dashboard shows of a list. */
export const NEWEST = 5;

function newestQuery(list: string, filters: TicketFilters, me: string, position?: number) {
  const query = { ...listParameters(filters, me), limit: String(NEWEST) };
  return queryOptions({
    queryKey: [KEYS.newest, list, query],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/tickets", {
          params: { query },
          signal,
          // What was told live must be in what is fetched.
          headers: position === undefined ? {} : { "min-position": String(position) },
        }),
      ),
  });
}

/** The newest tickets after one of them, or another one, has changed; null if only the server can tell which they are. */
export function changed(
  newest: readonly Ticket[],
  { change, id, ticket }: ListChanged,
  isIn: (ticket: Ticket) => boolean,
): Ticket[] | null {
  const others = newest.filter((one) => one.id !== id);
  const now = ticket as Ticket | undefined;
  if (change === "left" || !now || !isIn(now)) {
    // Another one may come up from behind; if there were fewer than fit, there is none.
    return others.length === newest.length || newest.length < NEWEST ? others : null;
  }
  const oldest = newest.at(-1);
  if (others.length === NEWEST && oldest && isBefore(now, oldest)) return others;
  return [...others, now].toSorted((one, other) => (isBefore(one, other) ? 1 : -1)).slice(0, NEWEST);
}

function isBefore(one: Ticket, other: Ticket): boolean {
  return one.createdAt === other.createdAt ? one.id < other.id : one.createdAt < other.createdAt;
}

const everything = () => true;

/** The newest tickets of a list that is watched under the name `list`, as they are now. */
export function useNewest(
  list: string,
  filters: TicketFilters,
  me: string,
  isIn: (ticket: Ticket) => boolean = everything,
) {
  const queries = useQueryClient();
  const query = newestQuery(list, filters, me);
  useLiveEvent("list:changed", (change, { position }) => {
    if (change.list !== list) return;
    const newest = queries.getQueryData(query.queryKey);
    const next = newest && changed(newest, change, isIn);
    if (next) queries.setQueryData(query.queryKey, next);
    else {
      void queries.cancelQueries({ queryKey: query.queryKey });
      void queries.fetchQuery({ ...newestQuery(list, filters, me, position), staleTime: 0 }).catch(() => {});
    }
  });
  return useQuery(query);
}
