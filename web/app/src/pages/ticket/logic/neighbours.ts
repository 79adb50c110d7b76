import type { QueryClient } from "@tanstack/react-query";
import { KEYS } from "@/api/queries";

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
    .map(({ state }) => ({ ids: idsOf(state.data), at: state.dataUpdatedAt }))
    .filter(({ ids }) => ids.includes(id))
    .toSorted((a, b) => b.at - a.at);
  return neighboursOf(lists[0]?.ids ?? [], id);
}

export function neighboursOf(ids: readonly string[], id: string): Neighbours {
  const place = ids.indexOf(id);
  if (place === -1) return { previous: null, next: null };
  return { previous: ids[place - 1] ?? null, next: ids[place + 1] ?? null };
}

/** The tickets of a list, as it is kept; nothing of anything else. */
function idsOf(data: unknown): string[] {
  if (typeof data !== "object" || data === null || !("tickets" in data)) return [];
  return Array.isArray(data.tickets) ? data.tickets.map(({ id }: { id: string }) => id) : [];
}
