import { describe, expect, test } from "vitest";
import { merge } from "@/pages/ticket/logic/merge";

const BASE = { title: "Printer", description: "It burns.", status: "OPEN", assignedToId: null };

describe("three ways, field by field", () => {
  test("what nobody else has touched is sent again", () => {
    const theirs = { ...BASE, status: "WAITING" };
    expect(merge(BASE, { title: "Printer out" }, theirs)).toEqual({
      send: { title: "Printer out" },
      conflicts: [],
      others: ["status"],
    });
  });

  test("the same field, changed to something else, is a conflict", () => {
    const theirs = { ...BASE, title: "Scanner" };
    expect(merge(BASE, { title: "Printer out", status: "CLOSED" }, theirs)).toEqual({
      send: { status: "CLOSED" },
      conflicts: ["title"],
      others: [],
    });
  });

  test("the same field, changed to the same, is none", () => {
    const theirs = { ...BASE, title: "Printer out" };
    expect(merge(BASE, { title: "Printer out" }, theirs)).toEqual({ send: {}, conflicts: [], others: [] });
  });

  test("nobody is a value like any other", () => {
    expect(merge({ assignedToId: "ada" }, { assignedToId: null }, { assignedToId: "ada" }).send).toEqual({
      assignedToId: null,
    });
    expect(merge(BASE, { assignedToId: "ada" }, { ...BASE, assignedToId: "bruno" }).conflicts).toEqual([
      "assignedToId",
    ]);
  });

  test("where only comments came in between, nothing is to be told", () => {
    expect(merge(BASE, { status: "CLOSED" }, BASE)).toEqual({
      send: { status: "CLOSED" },
      conflicts: [],
      others: [],
    });
  });
});
