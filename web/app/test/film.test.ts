import { describe, expect, it } from "vitest";
import type { HistoryStep } from "../src/api/schema";
import {
  append,
  frameAt,
  indexAt,
  isJump,
  kindOf,
  leftMs,
  LONG_PAUSE_MS,
  marksOf,
  shownMs,
} from "../src/pages/auditor/machine/film";

const ticket = (version: number, change: object = {}) =>
  ({ id: "t", title: "Printer", description: "It burns.", status: "OPEN", version, ...change }) as never;

function step(version: number, type: string, minutes: number, rest: Partial<HistoryStep> = {}): HistoryStep {
  return {
    position: version * 10,
    version,
    eventId: `e${version}`,
    type,
    occurredAt: new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString(),
    actor: { kind: "ACCOUNT", name: "Ada" },
    command: { id: "c", correlationId: "c", origin: "http" },
    text: "Ada did something.",
    changes: [],
    before: version === 1 ? null : ticket(version - 1),
    after: ticket(version),
    ...rest,
  };
}

const comment = (id: string, isInternal = false) => [
  { field: "comment", from: null, to: { id, content: id, isInternal } as never, text: "" },
];

const FILM: readonly HistoryStep[] = [
  step(1, "TicketCreated", 0, { changes: [{ field: "title", from: null, to: "Printer", text: "" }] }),
  step(2, "CommentAdded", 1, { changes: comment("a") }),
  step(3, "CommentAdded", 2, { changes: comment("b", true) }),
  step(4, "AttachmentAdded", 3, {
    changes: [{ field: "attachment", from: null, to: { id: "f", fileName: "a.txt" } as never, text: "" }],
  }),
  step(5, "TicketStatusChanged", 24 * 60, {
    changes: [{ field: "status", from: "OPEN", to: "RESOLVED", text: "" }],
    after: ticket(5, { status: "RESOLVED" }),
  }),
  step(6, "TicketDeleted", 24 * 60 + 1, {
    before: ticket(5, { status: "RESOLVED" }),
    // The server tells of a deleted ticket what it was last.
    after: ticket(6, { status: "RESOLVED" }),
  }),
];

describe("what is shown", () => {
  it("has what was there then, and nothing of later", () => {
    const seen = FILM.map((_, index) => frameAt(FILM, index)!);
    expect(seen.map(({ comments }) => comments.map(({ id }) => id))).toEqual([
      [],
      ["a"],
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(seen.map(({ files }) => files.length)).toEqual([0, 0, 0, 1, 1, 1]);
    expect(seen.map(({ ticket }) => ticket?.status ?? null)).toEqual([
      "OPEN",
      "OPEN",
      "OPEN",
      "OPEN",
      "RESOLVED",
      null,
    ]);
    expect(frameAt(FILM, 6)).toBeNull();
  });

  it("shows a deleted ticket as it was last", () => {
    expect(frameAt(FILM, 5)!.last?.status).toBe("RESOLVED");
  });

  it("marks what changed, and not everything at the beginning", () => {
    expect([...frameAt(FILM, 0)!.changed]).toEqual([]);
    expect([...frameAt(FILM, 4)!.changed]).toEqual(["status"]);
  });

  it("tells kinds apart", () => {
    expect(FILM.map(kindOf)).toEqual(["begin", "comment", "internal", "file", "status", "end"]);
    expect(kindOf(step(7, "SomethingNew", 0))).toBe("fields");
  });
});

describe("a position", () => {
  it("is of the last event at it or before it", () => {
    expect([9, 10, 19, 20, 55, 60, 1_000].map((position) => indexAt(FILM, position))).toEqual([
      0, 0, 0, 1, 4, 5, 5,
    ]);
    expect(indexAt([], 10)).toBe(0);
  });
});

describe("the time that it takes", () => {
  it("jumps over long pauses, and says so", () => {
    expect(FILM.map((_, index) => isJump(FILM, index))).toEqual([false, false, false, false, true, false]);
    expect(shownMs(FILM, 4, 1)).toBeGreaterThan(shownMs(FILM, 3, 1));
    expect(leftMs(FILM, 0, 1)).toBeLessThan(LONG_PAUSE_MS / 100);
  });

  it("is longer for more to read, but bounded", () => {
    const long = [step(1, "CommentAdded", 0, { text: "x".repeat(100) })];
    const huge = [step(1, "CommentAdded", 0, { text: "x".repeat(100_000) })];
    expect(shownMs(long, 0, 1)).toBeGreaterThan(shownMs(FILM, 1, 1));
    expect(shownMs(huge, 0, 1)).toBe(5_000);
  });

  it("is shorter at a higher speed, and over at the end", () => {
    expect(leftMs(FILM, 0, 4)).toBeCloseTo(leftMs(FILM, 0, 1) / 4);
    expect(leftMs(FILM, FILM.length - 1, 1)).toBe(0);
  });

  it("is not confused by a clock that was set back", () => {
    const back = [step(1, "TicketCreated", 100), step(2, "CommentAdded", 0, { changes: comment("a") })];
    expect(isJump(back, 1)).toBe(false);
    expect(shownMs(back, 1, 1)).toBeGreaterThan(0);
  });
});

describe("marks", () => {
  it("are one for each event where there is room", () => {
    expect(marksOf(FILM, 100).map(({ kind }) => kind)).toEqual(FILM.map(kindOf));
    expect(marksOf(FILM, 100)[4]!.pause).toBeGreaterThan(LONG_PAUSE_MS);
  });

  it("stand for several where there is not, and lose no event", () => {
    const marks = marksOf(FILM, 3);
    expect(marks.map(({ events }) => events)).toEqual([2, 2, 2]);
    expect(marks.map(({ kind }) => kind)).toEqual(["begin", "internal", "end"]);
    expect(marks[2]!.pause).toBeGreaterThan(0);
  });
});

describe("a history that grows", () => {
  it("takes in what is new, once and in order", () => {
    const grown = append(append([], FILM.slice(0, 3)), FILM.slice(2));
    expect(grown.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(grown[3]!.before).toBe(grown[2]!.after);
  });
});
