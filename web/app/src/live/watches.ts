import type { ListCounts, ListFilters, ListTallies, RealtimeClient } from "informejo-realtime";
import { useEffect, useSyncExternalStore } from "react";
import { Store } from "@/lib/store";
import { useLive } from "./live";

/** How many tickets a list has, and as of which position. */
export type Tally = Pick<ListCounts, "position" | "counts">;

/** How long a list is watched after nobody needs it: one page is gone before the next one is there. */
const LINGER_MS = 300;

interface Held {
  filters: ListFilters;
  holders: number;
  tally: Store<Tally | null>;
  lingering: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Lists that parts of the page watch together: whoever needs one holds it by its name, and it is watched once. The server
 * bears eight lists on a connection: two or so for notifications, at most four for a dashboard, one for a page of tickets.
 */
class Watches {
  readonly #client: RealtimeClient;
  readonly #lists = new Map<string, Held>();

  constructor(client: RealtimeClient) {
    this.#client = client;
    client.on("list:counts", ({ list, position, counts }) => this.#take(list, { position, counts }));
    client.on("resync", () => {
      // Another right, or another log: what was counted is of no use, whatever its position.
      for (const [list, { holders, tally }] of this.#lists) {
        tally.set(null);
        if (holders > 0) void this.#watch(list);
      }
    });
  }

  /** Watches a list until what is given back is called. */
  hold(list: string, filters: ListFilters): () => void {
    const held = this.#list(list, filters);
    held.holders += 1;
    clearTimeout(held.lingering);
    const isWatched = held.lingering !== undefined || held.holders > 1;
    held.lingering = undefined;
    held.filters = filters;
    if (!isWatched) void this.#watch(list);
    return () => {
      held.holders -= 1;
      if (held.holders > 0) return;
      held.lingering = setTimeout(() => {
        held.lingering = undefined;
        this.#client.unwatchList(list);
      }, LINGER_MS);
    };
  }

  /** What is known of a list; what was known before it was let go is shown until the server has answered. */
  tally(list: string, filters: ListFilters): Store<Tally | null> {
    return this.#list(list, filters).tally;
  }

  #list(list: string, filters: ListFilters): Held {
    const known = this.#lists.get(list);
    if (known) return known;
    const held: Held = {
      filters,
      holders: 0,
      tally: new Store<Tally | null>(null),
      lingering: undefined,
    };
    this.#lists.set(list, held);
    return held;
  }

  async #watch(list: string): Promise<void> {
    const held = this.#lists.get(list);
    if (!held) return;
    const answer = await this.#client.watchList({ list, filters: held.filters });
    if (answer.ok) this.#take(list, answer);
  }

  #take(list: string, { position, counts }: { position: number; counts: ListTallies }): void {
    const tally = this.#lists.get(list)?.tally;
    const known = tally?.get();
    // Of two numbers that of the greater position counts.
    if (tally && (!known || position >= known.position)) tally.set({ position, counts });
  }
}

const all = new WeakMap<RealtimeClient, Watches>();

function watchesOf(client: RealtimeClient): Watches {
  const watches = all.get(client) ?? new Watches(client);
  all.set(client, watches);
  return watches;
}

/** Watches a list for as long as the component is shown. `filters` are those of the name, and must not change. */
export function useWatch(list: string, filters: ListFilters, isWanted = true): void {
  const client = useLive();
  useEffect(
    () => (client && isWanted ? watchesOf(client).hold(list, filters) : undefined),
    // eslint-disable-next-line react/exhaustive-deps -- the name stands for its filters
    [client, list, isWanted],
  );
}

const none = () => () => {};

/** Watches a list, and gives how many tickets it has; null until that is known. */
export function useTally(list: string, filters: ListFilters): Tally | null {
  const client = useLive();
  useWatch(list, filters);
  const store = client ? watchesOf(client).tally(list, filters) : null;
  return useSyncExternalStore(store?.subscribe ?? none, () => store?.get() ?? null);
}

/** The lists that several parts of the desk watch, each under one name. */
export const LISTS = {
  all: { list: "all", filters: {} as ListFilters },
  mine: { list: "mine", filters: { assignee: "me" } as ListFilters },
  unassigned: {
    list: "unassigned",
    filters: { assignee: "none", status: ["OPEN", "IN_PROGRESS", "WAITING"] } as ListFilters,
  },
  own: (me: string) => ({ list: "own", filters: { requester: me } }),
  ownIn: (me: string, name: string, status: string[]) => ({
    list: `own-${name}`,
    filters: { requester: me, status },
  }),
};
