import type { ListChanged } from "informejo-realtime";
import { describe, expect, test } from "vitest";
import type { Ticket } from "@/api/schema";
import { disputedFields } from "@/lib/ticket-change";
import { ORDERS } from "@/pages/tickets/order";
import { appended, applied, arranged, type ListState, reused } from "@/pages/tickets/state";
import { ACTIVE, EVERYTHING, searchOf, viewOf } from "@/pages/tickets/view";

/** A ticket that began in minute `n`. */
function ticket(n: number, given: Partial<Ticket> = {}): Ticket {
  const at = `2026-01-01T00:${String(n).padStart(2, "0")}:00.000Z`;
  return {
    id: `id-${String(n).padStart(2, "0")}`,
    title: `Ticket ${n}`,
    description: "",
    status: "OPEN",
    priority: "MEDIUM",
    category: "OTHER",
    createdAt: at,
    updatedAt: at,
    createdById: "u",
    createdBy: { id: "u", name: "Ulla", email: "u@example.test", role: "USER" },
    _count: { comments: 0, attachments: 0 },
    version: 1,
    ...given,
  } as Ticket;
}

const ids = (tickets: readonly Ticket[]) => tickets.map(({ id }) => Number(id.slice(3)));
const list = (...ns: number[]): ListState => ({ tickets: ns.map((n) => ticket(n)), next: null, edge: null });
const said = (change: ListChanged["change"], one: Ticket): ListChanged => ({
  list: "l",
  change,
  id: one.id,
  ...(change !== "left" && { ticket: one as never }),
});

describe("what is told of a list is taken in", () => {
  test("in each order", () => {
    const changes = [said("entered", ticket(5, { priority: "LOW" })), said("entered", ticket(2))];
    expect(ids(applied(list(3, 1), changes, ORDERS.newest).tickets)).toEqual([5, 3, 2, 1]);
    expect(ids(applied(list(1, 3), changes, ORDERS.oldest).tickets)).toEqual([1, 2, 3, 5]);
    expect(ids(applied(list(3, 1), changes, ORDERS.priority).tickets)).toEqual([3, 2, 1, 5]);
    const changed = said("changed", ticket(1, { updatedAt: "2026-01-02T00:00:00.000Z", version: 2 }));
    expect(ids(applied(list(3, 2, 1), [changed], ORDERS.updated).tickets)).toEqual([1, 3, 2]);
  });

  test("once, and never back to an older version", () => {
    const state = { ...list(3), tickets: [ticket(3, { version: 4, title: "New" })] };
    const again = applied(state, [said("changed", ticket(3, { version: 3, title: "Old" }))], ORDERS.newest);
    expect(again.tickets.map(({ title }) => title)).toEqual(["New"]);
    expect(
      ids(applied(list(3, 2), [said("left", ticket(3)), said("left", ticket(3))], ORDERS.newest).tickets),
    ).toEqual([2]);
  });

  test("as far as the list was fetched", () => {
    const state: ListState = { tickets: [ticket(9), ticket(5)], next: "cursor", edge: ticket(5) };
    const more = applied(state, [said("entered", ticket(7)), said("entered", ticket(2))], ORDERS.newest);
    expect(ids(more.tickets)).toEqual([9, 7, 5]);
    const gone = applied(state, [said("left", ticket(5))], ORDERS.newest);
    // The page ended there, whatever became of the ticket.
    expect(ids(applied(gone, [said("entered", ticket(6))], ORDERS.newest).tickets)).toEqual([9, 6]);
    expect(ids(appended(gone, [ticket(9), ticket(4)], null).tickets)).toEqual([9, 4]);
  });

  test("and what is the same stays the same object", () => {
    const before = list(3, 2);
    const after = reused({ ...list(3, 2), tickets: [ticket(3), ticket(2, { version: 2 })] }, before);
    expect(after.tickets[0]).toBe(before.tickets[0]);
    expect(after.tickets[1]).not.toBe(before.tickets[1]);
  });
});

describe("the row with the focus stays where it is", () => {
  const held = { ticket: ticket(2), latest: ticket(2, { status: "CLOSED" }), before: ["id-03", "id-04"] };

  test("when it has left the list", () => {
    const shown = arranged([ticket(4), ticket(3), ticket(1)], held, ORDERS.newest);
    expect(ids(shown)).toEqual([4, 3, 2, 1]);
    expect(shown[2]!.status).toBe("CLOSED");
    // Nor if what stood above it has left as well.
    expect(ids(arranged([ticket(4), ticket(1)], held, ORDERS.newest))).toEqual([4, 2, 1]);
  });

  test("when its place has changed", () => {
    const moved = ticket(2, { updatedAt: "2026-01-02T00:00:00.000Z" });
    const tickets = [moved, ticket(4), ticket(3), ticket(1)];
    expect(ids(arranged(tickets, held, ORDERS.updated))).toEqual([4, 3, 2, 1]);
    expect(arranged(tickets, null, ORDERS.updated)).toBe(tickets);
  });
});

describe("a view and its URL", () => {
  test("are the same", () => {
    const view = { ...EVERYTHING, status: ACTIVE, assignee: "none", q: "a&b, c", sort: "updated" as const };
    expect(searchOf(view)).toBe("?status=OPEN,IN_PROGRESS,WAITING&assignee=none&q=a%26b,+c&sort=updated");
    expect(viewOf(searchOf(view))).toEqual(view);
    expect(searchOf(EVERYTHING)).toBe("");
  });

  test("what is not understood does not count, and the original's links do", () => {
    expect(viewOf("?status=BURNING,OPEN&sort=sideways&priority=")).toEqual({
      ...EVERYTHING,
      status: ["OPEN"],
    });
    expect(viewOf("?filter=unassigned")).toMatchObject({ assignee: "none", status: ACTIVE });
    expect(viewOf("?filter=assigned-to-me")).toMatchObject({ assignee: "me" });
  });
});

test("only what both have changed to something else is disputed", () => {
  const theirs = ticket(1, { status: "CLOSED", priority: "HIGH" });
  const wanted = { status: "WAITING", priority: "HIGH", category: "NETWORK" };
  expect(disputedFields(ticket(1), theirs, wanted)).toEqual({ status: "WAITING" });
});
