import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { body, api } from "@/api/client";
import { KEYS, listParameters, type TicketFilters } from "@/api/queries";
import type { Ticket } from "@/api/schema";
import { useLiveEvent } from "@/live/live";
import { changed, NEWEST } from "./newest-order";

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
