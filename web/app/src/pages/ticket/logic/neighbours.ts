/** The tickets before and after one, in a list. */
export interface Neighbours {
  previous: string | null;
  next: string | null;
}

export function neighboursOf(ids: readonly string[], id: string): Neighbours {
  const place = ids.indexOf(id);
  if (place === -1) return { previous: null, next: null };
  return { previous: ids[place - 1] ?? null, next: ids[place + 1] ?? null };
}

/** The tickets of a list, as it is kept; nothing of anything else. */
export function idsOf(data: unknown): string[] {
  if (typeof data !== "object" || data === null || !("tickets" in data)) return [];
  return Array.isArray(data.tickets) ? data.tickets.map(({ id }: { id: string }) => id) : [];
}
