import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { KEYS, type TicketPage } from "@/api/queries";

/** The tickets before and after one, in a list. */
export interface Neighbours {
  previous: string | null;
  next: string | null;
}

/** The neighbours in the list that was looked at last, if the ticket is in it. */
export function neighboursIn(queries: QueryClient, id: string): Neighbours {
  const lists = queries
    .getQueryCache()
    .findAll({ queryKey: [KEYS.tickets] })
    .filter(({ state }) => isList(state.data) && idsOf(state.data).includes(id))
    .toSorted((a, b) => b.state.dataUpdatedAt - a.state.dataUpdatedAt);
  return neighboursOf(lists[0] ? idsOf(lists[0].state.data as InfiniteData<TicketPage>) : [], id);
}

export function neighboursOf(ids: readonly string[], id: string): Neighbours {
  const place = ids.indexOf(id);
  if (place === -1) return { previous: null, next: null };
  return { previous: ids[place - 1] ?? null, next: ids[place + 1] ?? null };
}

function isList(data: unknown): data is InfiniteData<TicketPage> {
  return typeof data === "object" && data !== null && "pages" in data;
}

function idsOf({ pages }: InfiniteData<TicketPage>): string[] {
  return pages.flatMap(({ tickets }) => tickets.map(({ id }) => id));
}
