import type { ListChanged } from "informejo-realtime";
import type { Ticket } from "@/api/schema";

/** How many tickets a dashboard shows of a list. */
export const NEWEST = 5;

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
