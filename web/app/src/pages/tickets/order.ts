import type { Ticket } from "@/api/schema";
import { PRIORITIES, type Priority } from "@/lib/ticket-fields";
import type { Sort } from "./view";

/** Below zero if `a` stands before `b`. */
export type Order = (a: Ticket, b: Ticket) => number;

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const newest: Order = (a, b) => text(b.createdAt, a.createdAt) || text(b.id, a.id);
const rank = ({ priority }: Ticket): number => PRIORITIES.indexOf(priority as Priority);

/** The orders that the server's lists have. */
export const ORDERS: Record<Sort, Order> = {
  newest,
  oldest: (a, b) => newest(b, a),
  updated: (a, b) => text(b.updatedAt, a.updatedAt) || text(b.id, a.id),
  priority: (a, b) => rank(a) - rank(b) || newest(a, b),
};
