import type { ListChanged, PresentPerson, Status } from "informejo-realtime";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Ticket } from "@/api/schema";
import { countersOf, doneOf, ofList, ofMap } from "@/pages/dashboard/figures";
import { changed } from "@/pages/dashboard/newest-order";
import { isCut, sayingOf } from "@/shell/connection-state";
import { AWAY_AFTER_MS, watchPresence } from "@/shell/presence-watch";
import { afterChange, sorted } from "@/shell/presence-order";
import { partsOf } from "@/ui/parts";

describe("figures", () => {
  const counts = {
    total: 7,
    byStatus: { OPEN: 3, WAITING: 1, RESOLVED: 2, CLOSED: 1 },
    byPriority: { LOW: 4, CRITICAL: 3 },
  };

  test("come out of a watched list's numbers; resolved ones are closed", () => {
    expect(ofList(counts)).toEqual({ total: 7, byPriority: { LOW: 4, CRITICAL: 3 } });
    expect(countersOf(counts)).toEqual({ open: 3, inProgress: 0, waiting: 1, closed: 3 });
    expect(doneOf(counts)).not.toBe(doneOf({ ...counts, byStatus: { RESOLVED: 1, CLOSED: 2 } }));
  });

  test("and out of fetched ones", () => {
    expect(ofMap({ LOW: 4, HIGH: 2 }).total).toBe(6);
    expect(ofMap(null)).toEqual({ total: 0, byPriority: {} });
  });

  test("a ring begins with the most critical at twelve o'clock, and is whole", () => {
    const parts = partsOf({ LOW: 1, CRITICAL: 2, MEDIUM: 1, HIGH: 0 });
    expect(parts.map(({ priority, n, from, share }) => [priority, n, from, share])).toEqual([
      ["CRITICAL", 2, 0, 0.5],
      ["MEDIUM", 1, 0.5, 0.25],
      ["LOW", 1, 0.75, 0.25],
    ]);
    expect(partsOf({})).toEqual([]);
  });
});

describe("the newest tickets", () => {
  const ticket = (n: number, given: Partial<Ticket> = {}) =>
    ({ id: `t${n}`, createdAt: `2027-01-0${n}T00:00:00.000Z`, status: "OPEN", ...given }) as Ticket;
  const change = (kind: ListChanged["change"], one: Ticket): ListChanged =>
    ({ list: "mine", change: kind, id: one.id, ticket: kind === "left" ? undefined : one }) as ListChanged;
  const five = [6, 5, 4, 3, 2].map((n) => ticket(n));
  const all = () => true;
  const ids = (tickets: readonly Ticket[] | null) => tickets?.map(({ id }) => id) ?? null;

  test("a new one comes first, and the last one goes", () => {
    expect(ids(changed(five, change("entered", ticket(7)), all))).toEqual(["t7", "t6", "t5", "t4", "t3"]);
  });

  test("one that comes from elsewhere takes its place; an older one has none", () => {
    expect(ids(changed([ticket(6), ticket(2)], change("entered", ticket(4)), all))).toEqual([
      "t6",
      "t4",
      "t2",
    ]);
    expect(ids(changed(five, change("entered", ticket(1)), all))).toEqual(["t6", "t5", "t4", "t3", "t2"]);
  });

  test("one that changes stays where it is", () => {
    const now = changed(five, change("changed", ticket(4, { title: "other" })), all);
    expect(ids(now)).toEqual(ids(five));
    expect(now?.[2]?.title).toBe("other");
  });

  test("where one goes, only the server knows the next; but not if there were few", () => {
    expect(changed(five, change("left", ticket(4)), all)).toBeNull();
    expect(ids(changed(five.slice(0, 3), change("left", ticket(5)), all))).toEqual(["t6", "t4"]);
    expect(ids(changed(five, change("left", ticket(1)), all))).toEqual(ids(five));
    const isOpen = ({ status }: Ticket) => status === "OPEN";
    expect(changed(five, change("changed", ticket(4, { status: "WAITING" })), isOpen)).toBeNull();
  });
});

describe("what is said of the connection", () => {
  const status = (given: Partial<Status>): Status => ({
    state: "connected",
    attempt: 0,
    retryInSeconds: null,
    lastUpdated: 5,
    reason: null,
    ...given,
  });

  test.each<[string, Status | null, boolean, object, boolean]>([
    ["before there is any", null, true, { is: "connecting" }, false],
    [
      "at the first attempt",
      status({ state: "reconnecting", attempt: 1, lastUpdated: null }),
      true,
      { is: "connecting" },
      false,
    ],
    ["while it is there", status({}), true, { is: "connected" }, false],
    ["while catching up", status({ state: "catching-up" }), true, { is: "catchingUp" }, false],
    [
      "while counting down",
      status({ state: "reconnecting", attempt: 3, retryInSeconds: 4 }),
      true,
      { is: "reconnectingIn", attempt: 3, s: 4 },
      true,
    ],
    [
      "while trying",
      status({ state: "reconnecting", attempt: 3 }),
      true,
      { is: "reconnecting", attempt: 3 },
      true,
    ],
    [
      "without a network",
      status({ state: "offline", reason: "no network" }),
      true,
      { is: "offlineSince", since: 5 },
      true,
    ],
    [
      "when the browser knows it before the connection does",
      status({}),
      false,
      { is: "offlineSince", since: 5 },
      true,
    ],
    ["without a network from the beginning", null, false, { is: "offline" }, true],
    [
      "before it is begun",
      status({ state: "offline", reason: "closed", lastUpdated: null }),
      true,
      { is: "connecting" },
      false,
    ],
  ])("%s", (_, given, hasNetwork, saying, cut) => {
    expect(sayingOf(given, hasNetwork)).toEqual(saying);
    expect(isCut(sayingOf(given, hasNetwork))).toBe(cut);
  });
});

describe("who is there", () => {
  const person = (id: string, role: string, state: PresentPerson["state"]): PresentPerson => ({
    id,
    name: id,
    role,
    state,
  });

  test("agents first, who is online before who is away; who has gone is gone", () => {
    const people = sorted([
      person("user", "USER", "online"),
      person("zoe", "ADMIN", "online"),
      person("ada", "ADMIN", "away"),
    ]);
    expect(people.map(({ id }) => id)).toEqual(["zoe", "ada", "user"]);
    const later = afterChange(people, [person("zoe", "ADMIN", "offline"), person("ada", "ADMIN", "online")]);
    expect(later.map(({ id, state }) => [id, state])).toEqual([
      ["ada", "online"],
      ["user", "online"],
    ]);
  });

  describe("oneself", () => {
    let page: EventTarget & { visibilityState: string };
    let surroundings: EventTarget;
    beforeEach(() => {
      vi.useFakeTimers();
      page = Object.assign(new EventTarget(), { visibilityState: "visible" });
      surroundings = new EventTarget();
      vi.stubGlobal("document", page);
      vi.stubGlobal("window", surroundings);
    });
    afterEach(() => {
      vi.useRealTimers();
      vi.unstubAllGlobals();
    });
    const show = (state: string) => {
      page.visibilityState = state;
      page.dispatchEvent(new Event("visibilitychange"));
    };

    test("is away after five minutes without a key or a pointer, and back with the first", () => {
      const said: string[] = [];
      const end = watchPresence((state) => said.push(state));
      vi.advanceTimersByTime(AWAY_AFTER_MS - 1_000);
      surroundings.dispatchEvent(new Event("pointermove"));
      vi.advanceTimersByTime(AWAY_AFTER_MS - 1);
      expect(said).toEqual(["online"]);
      vi.advanceTimersByTime(2);
      expect(said).toEqual(["online", "away"]);
      surroundings.dispatchEvent(new Event("keydown"));
      expect(said).toEqual(["online", "away", "online"]);
      end();
      vi.advanceTimersByTime(2 * AWAY_AFTER_MS);
      expect(said).toHaveLength(3);
    });

    test("is away while the tab is hidden", () => {
      const said: string[] = [];
      const end = watchPresence((state) => said.push(state));
      show("hidden");
      show("visible");
      expect(said).toEqual(["online", "away", "online"]);
      end();
    });
  });
});
