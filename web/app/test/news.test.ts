import { describe, expect, test } from "vitest";
import type { Ticket } from "@/api/schema";
import { bundled, placeOf } from "@/shell/bell-bundle";
import { commentOf, mentions } from "@/shell/bell-classify";
import { type Kind, type Note, NOTES_MAX, withNotes } from "@/shell/bell-notes";

let n = 0;
const note = (kind: Kind, given: Partial<Note> = {}): Note => {
  n += 1;
  const at = new Date(1_800_000_000_000 + n * 1_000).toISOString();
  return {
    id: `${n}`,
    kind,
    ticket: `t${n}`,
    title: "A ticket",
    who: null,
    status: null,
    at,
    isRead: false,
    ...given,
  };
};

describe("what comes together is told together", () => {
  const nothing = () => [];

  test("one alone is told as what it is", () => {
    const one = note("created");
    expect(bundled([one], nothing)).toEqual([{ kind: "created", n: 1, note: one }]);
  });

  test("several of a kind are one toast, and each kind has its own", () => {
    const notes = [note("comment"), ...Array.from({ length: 5 }, () => note("created"))];
    expect(bundled(notes, nothing)).toEqual([
      { kind: "created", n: 5, note: null },
      { kind: "comment", n: 1, note: notes[0] },
    ]);
  });

  test("what comes while a toast is shown is counted with it", () => {
    const before = [note("created"), note("created")];
    const shown = (kind: Kind) => (kind === "created" ? before : []);
    expect(bundled([note("created")], shown)).toEqual([{ kind: "created", n: 3, note: null }]);
    expect(bundled([], shown)).toEqual([]);
  });

  test("several lead to their list", () => {
    expect(placeOf("created")).toBe("/admin/tickets");
    expect(placeOf("assigned")).toBe("/admin/tickets?assignee=me");
    expect(placeOf("reply")).toBe("/notifications");
  });
});

describe("what is kept", () => {
  test("is the newest first, and each once", () => {
    const [older, newer] = [note("reply"), note("status")];
    expect(withNotes([older], [newer, newer, older])).toEqual([newer, older]);
    expect(withNotes([newer], [older])).toEqual([newer, older]);
  });

  test("what was read stays read when it is told again", () => {
    const read = note("reply", { isRead: true });
    expect(withNotes([read], [{ ...read, isRead: false }])).toEqual([read]);
  });

  test("is not more than fits, and the oldest goes", () => {
    const notes = Array.from({ length: NOTES_MAX }, () => note("created"));
    const [oldest] = notes;
    const kept = withNotes(notes, [note("created")]);
    expect(kept).toHaveLength(NOTES_MAX);
    expect(kept).not.toContain(oldest);
  });
});

describe("what a comment means to the reader", () => {
  const at = "2027-01-05T10:00:00.000Z";
  const ada = { id: "ada", name: "Ada King" };
  const ticket = (content: string, by = "ulla", createdById = "ulla") =>
    ({
      createdById,
      comments: [
        { content: "before", createdAt: "2027-01-05T09:00:00.000Z", user: { id: "x", name: "X" } },
        { content, createdAt: at, user: { id: by, name: "Ulla" } },
      ],
    }) as unknown as Ticket;

  test("it is a comment on a ticket that one works on, and a reply on one's own", () => {
    expect(commentOf(ticket("hello"), at, ada)).toEqual({ kind: "comment", who: "Ulla" });
    expect(commentOf(ticket("hello", "ulla", "ada"), at, ada)).toEqual({ kind: "reply", who: "Ulla" });
  });

  test("it is a mention where it names the reader", () => {
    expect(commentOf(ticket("see @Ada King, please"), at, ada)?.kind).toBe("mention");
  });

  test("nothing, if it is the reader's own, or what came was a file", () => {
    expect(commentOf(ticket("hello", "ada"), at, ada)).toBeNull();
    expect(commentOf(ticket("hello"), "2027-01-05T11:00:00.000Z", ada)).toBeNull();
  });

  test.each([
    ["@Ada", true],
    ["hi @ada!", true],
    ["(@Ada King)", true],
    ["@Adam", false],
    ["mail@ada.example", false],
    ["Ada", false],
    ["@Adà", false],
  ])("%s", (text, isOne) => expect(mentions(text, "Ada King")).toBe(isOne));

  test("names are names, whatever signs they have", () => {
    expect(mentions("@C.(3)-PO is here", "C.(3)-PO")).toBe(true);
    expect(mentions("@Cx(3)-PO is here", "C.(3)-PO")).toBe(false);
    expect(mentions("@ب", "ب")).toBe(false);
    expect(mentions("أهلا @ليلى!", "ليلى حسن")).toBe(true);
  });
});
