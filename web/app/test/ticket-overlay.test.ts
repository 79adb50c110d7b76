import { describe, expect, test } from "vitest";
import type { Comment, Ticket } from "@/api/schema";
import type { Unsent } from "@/lib/outbox";
import { pendingComments, refusedComments, twinsOf, withUnsent } from "@/pages/ticket/logic/overlay";

const ADA = { id: "ada", name: "Ada", email: "ada@example.test", role: "ADMIN" };
const TICKET = { id: "t", title: "Printer", status: "OPEN", assignedTo: null, assignedToId: null } as Ticket;

function comment(id: string, content: string, more: Partial<Comment> = {}): Comment {
  const said = {
    id,
    content,
    contentHtml: `<p>${content}</p>`,
    isInternal: false,
    ticketId: "t",
    userId: "me",
    createdAt: "",
    user: ADA,
  };
  return { ...said, ...more };
}

function unsentComment(key: string, content: string, twins: number | null, isInternal?: boolean): Unsent {
  const body = isInternal === undefined ? { content } : { content, isInternal };
  const command = { key, method: "POST", path: "/api/tickets/t/comments", body } as const;
  const memo = twins === null ? {} : { memo: { kind: "comment", twins } };
  return { ...command, ifMatch: null, ticket: "t", at: 0, ...memo };
}

function unsentChange(key: string, body: object, ticket = "t"): Unsent {
  return { key, method: "PATCH", path: `/api/tickets/${ticket}`, body, ifMatch: 1, ticket, at: 0 };
}

const keys = (comments: Comment[], unsent: Unsent[]): string[] =>
  pendingComments("t", comments, unsent, "me").map(({ key }) => key);

describe("changes on their way", () => {
  test("are laid over what is known, the later over the earlier", () => {
    const unsent = [
      unsentChange("1", { status: "WAITING" }),
      unsentChange("2", { status: "CLOSED", assignedToId: "ada" }),
      unsentChange("3", { status: "RESOLVED" }, "another"),
    ];
    const { ticket, pending } = withUnsent(TICKET, unsent, [ADA]);
    expect([ticket.status, ticket.assignedTo?.name, ticket.title]).toEqual(["CLOSED", "Ada", "Printer"]);
    expect([...pending].toSorted()).toEqual(["assignedToId", "status"]);
  });

  test("leave the ticket as it is if there are none", () => {
    expect(withUnsent(TICKET, [unsentComment("1", "Hi", 0)], []).ticket).toBe(TICKET);
  });
});

describe("comments on their way", () => {
  test("are shown until they are among those that are there", () => {
    expect(keys([], [unsentComment("1", "Hi", 0)])).toEqual(["1"]);
    expect(keys([comment("a", "Hi")], [unsentComment("1", "Hi", 0)])).toEqual([]);
  });

  test("are told from others' and from ones of the other kind", () => {
    expect(keys([comment("a", "Hi", { userId: "ada" })], [unsentComment("1", "Hi", 0)])).toEqual(["1"]);
    expect(keys([comment("a", "Hi")], [unsentComment("1", "Hi", 0, true)])).toEqual(["1"]);
    expect(keys([comment("a", "Hi", { isInternal: true })], [unsentComment("1", "Hi", 0, true)])).toEqual([]);
  });

  test("may say the same again: each goes when its own has come", () => {
    const before = [comment("a", "Ping")];
    const first = unsentComment("1", "Ping", twinsOf({ content: "Ping" }, "t", before, [], "me"));
    const second = unsentComment("2", "Ping", twinsOf({ content: "Ping" }, "t", before, [first], "me"));
    expect(keys(before, [first, second])).toEqual(["1", "2"]);
    expect(keys([...before, comment("b", "Ping")], [first, second])).toEqual(["2"]);
    expect(keys([...before, comment("b", "Ping"), comment("c", "Ping")], [first, second])).toEqual([]);
  });

  test("are the same with other ends of lines", () => {
    expect(keys([comment("a", "one\ntwo")], [unsentComment("1", "one\r\ntwo ", 0)])).toEqual([]);
  });

  test("that have come back say why", () => {
    const command = unsentComment("1", "Hi", 0, true);
    const change = unsentChange("2", { status: "OPEN" });
    const problem = { type: "", title: "", status: 422, error: "Invalid input" };
    const refusals = [command, change].map((one) => ({ command: one, status: 422, problem }));
    expect(refusedComments("t", refusals)).toEqual([
      { key: "1", content: "Hi", isInternal: true, at: 0, status: 422, problem },
    ]);
  });
});
