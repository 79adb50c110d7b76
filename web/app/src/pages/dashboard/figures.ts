import type { ListTallies } from "informejo-realtime";
import type { Stats } from "@/api/schema";
import type { ByPriority } from "@/ui/parts";

/** A number of tickets, and how many of them have each priority. */
export interface Figure {
  total: number;
  byPriority: ByPriority;
}

const EMPTY: Figure = { total: 0, byPriority: {} };

/** The figure of a watched list. */
export function ofList(counts: ListTallies): Figure {
  return { total: counts.total, byPriority: counts.byPriority };
}

/** A figure out of fetched ones. */
export function ofMap(byPriority: ByPriority | null | undefined): Figure {
  if (!byPriority) return EMPTY;
  return { total: Object.values(byPriority).reduce<number>((sum, n) => sum + (n ?? 0), 0), byPriority };
}

/** How many tickets are in each state; resolved ones count as closed. */
export interface Counters {
  open: number;
  inProgress: number;
  waiting: number;
  closed: number;
}

export function countersOf(counts: ListTallies): Counters {
  const of = (status: string) => counts.byStatus[status] ?? 0;
  return {
    open: of("OPEN"),
    inProgress: of("IN_PROGRESS"),
    waiting: of("WAITING"),
    closed: of("RESOLVED") + of("CLOSED"),
  };
}

export function countersOfStats(stats: Stats): Counters {
  return {
    open: stats.openTickets,
    inProgress: stats.inProgressTickets,
    waiting: stats.waitingTickets,
    closed: stats.closedTicketsTotal,
  };
}

/** What may change how long tickets take: how many are done, of which priority. */
export function doneOf(counts: ListTallies): string {
  const { RESOLVED = 0, CLOSED = 0 } = counts.byStatus;
  return `${RESOLVED}/${CLOSED}`;
}
