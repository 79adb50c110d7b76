import { describe, expect, test } from "vitest";
import { neighboursOf } from "@/pages/ticket/logic/neighbours";
import { deedsOf } from "@/pages/ticket/logic/steps";
import { heard, still, TYPING_MS } from "@/pages/ticket/logic/typists";

const typing = (id: string | null, is = true, internal = false) => ({
  ticket: "t",
  internal,
  typing: is,
  person: id === null ? null : { id, name: id },
});

describe("who types", () => {
  test("is somebody once, however often it is said", () => {
    const typists = heard(heard([], typing("ada"), 0), typing("ada"), 2_000);
    expect(typists).toEqual([{ id: "ada", name: "ada", isInternal: false, until: 2_000 + TYPING_MS }]);
  });

  test("ends when it is said, or when it is not said any more", () => {
    const both = heard(heard([], typing("ada"), 0), typing("bruno"), 1_000);
    expect(heard(both, typing("ada", false), 1_500).map(({ id }) => id)).toEqual(["bruno"]);
    expect(still(both, TYPING_MS).map(({ id }) => id)).toEqual(["bruno"]);
    expect(still(both, 100)).toBe(both);
  });

  test("has no name for requesters", () => {
    const typists = heard([], typing(null), 0);
    expect(typists[0]?.name).toBeNull();
    expect(heard(typists, typing(null, false), 1)).toEqual([]);
  });
});

test("a list's neighbours", () => {
  expect(neighboursOf(["a", "b", "c"], "b")).toEqual({ previous: "a", next: "c" });
  expect(neighboursOf(["a", "b", "c"], "a")).toEqual({ previous: null, next: "b" });
  expect(neighboursOf(["a"], "x")).toEqual({ previous: null, next: null });
});

describe("what a step of the history did", () => {
  const step = (type: string, ...changes: object[]) => deedsOf({ type, changes, text: "as told" } as never);

  test("by the fields that it changed", () => {
    expect(step("TicketStatusChanged", { field: "status", from: "OPEN", to: "CLOSED", text: "" })).toEqual([
      { kind: "status", from: "OPEN", to: "CLOSED" },
    ]);
    expect(step("TicketAssigned", { field: "assignee", to: { id: "1", name: "Ada" }, text: "" })).toEqual([
      { kind: "assigned", to: "Ada" },
    ]);
    expect(step("CommentAdded", { field: "comment", to: { isInternal: true }, text: "" })).toEqual([
      { kind: "noted" },
    ]);
  });

  test("its beginning is one deed, and what is unknown is told in the server's words", () => {
    expect(step("TicketCreated", { field: "title", to: "Printer", text: "" })).toEqual([{ kind: "created" }]);
    expect(step("TicketPolished")).toEqual([{ kind: "other", text: "as told" }]);
  });
});
