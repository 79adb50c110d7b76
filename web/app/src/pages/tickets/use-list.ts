import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ListChanged, ListFilters, ListTallies } from "informejo-realtime";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ProblemError } from "@/api/problem";
import type { Ticket } from "@/api/schema";
import { useLive } from "@/live/live";
import { ORDERS } from "./order";
import { applied, type ListState } from "./state";
import { keyOf, listQuery, parametersOf, trackOf, type Wanted, withNextPage } from "./track";

/** What came into a list, left it or changed in it, as it was told. */
export type Told = (changes: readonly ListChanged[]) => void;

export interface TicketList {
  tickets: readonly Ticket[];
  /** How many tickets are in it; null until that is known. */
  counts: ListTallies | null;
  isLoading: boolean;
  error: ProblemError | null;
  retry: () => void;
  hasMore: boolean;
  /** Why the next page is not there. */
  moreError: ProblemError | null;
  more: () => void;
  /** Says how far down somebody looks, and at which tickets. */
  looking: (reach: number, ids: readonly string[]) => void;
}

/** Tickets on the screen of which the server is told, at most. */
const IDS_MAX = 100;
/** How long somebody must look at the same tickets before the server is told, in milliseconds. */
const LOOKS_MS = 400;

let watches = 0;
const nextName = (): string => `tickets-${(watches += 1)}`;

/** A list that is kept as the server's is: it is watched, fetched as of then, and every change is taken in. */
export function useTicketList(wanted: Wanted, watchesPeople: boolean, told: Told): TicketList {
  const queries = useQueryClient();
  const live = useLive();
  const parameters = parametersOf(wanted);
  const key = keyOf(parameters);

  // The key says all of it.
  // eslint-disable-next-line react/exhaustive-deps -- see above
  const stable = useMemo(() => wanted, [key]);
  const options = useMemo(() => {
    const made = listQuery(stable, () => queries.getQueryData(made.queryKey));
    return made;
  }, [stable, queries]);
  const { queryKey } = options;
  const query = useQuery(options);
  const { name, counts, ids } = useWatch(key, stable, queryKey, told, watchesPeople);

  const [moreError, setMoreError] = useState<ProblemError | null>(null);
  const isFetchingMore = useRef(false);
  const next = query.data?.next ?? null;
  const more = useCallback(() => {
    if (next === null || isFetchingMore.current) return;
    isFetchingMore.current = true;
    setMoreError(null);
    withNextPage(stable, next, () => queries.getQueryData<ListState>(queryKey))
      .then((state) => state && queries.setQueryData(queryKey, state))
      .catch((error: unknown) => setMoreError(ProblemError.of(error)))
      .finally(() => (isFetchingMore.current = false));
  }, [next, stable, queries, queryKey]);

  const telling = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(telling.current), [key]);
  const looking = useCallback(
    (reach: number, shown: readonly string[]) => {
      trackOf(key).reach = reach;
      if (!watchesPeople || !live) return;
      clearTimeout(telling.current);
      telling.current = setTimeout(() => {
        const now = shown.slice(0, IDS_MAX);
        if (now.join() === ids.current.join()) return;
        ids.current = now;
        void live.watchList({ list: name.current, filters: watchFilters(stable), ids: [...now] });
      }, LOOKS_MS);
    },
    [key, live, name, ids, stable, watchesPeople],
  );

  return {
    tickets: query.data?.tickets ?? NOTHING,
    counts,
    isLoading: query.data === undefined && query.error === null,
    error: query.data === undefined && query.error ? ProblemError.of(query.error) : null,
    retry: () => void query.refetch(),
    hasMore: next !== null,
    moreError,
    more,
    looking,
  };
}

const NOTHING: readonly Ticket[] = [];

function watchFilters({ filters }: Wanted): ListFilters {
  const { status, priority, category, assignee, requester, q } = filters;
  return {
    ...(status && { status: [...status] }),
    ...(priority && { priority: [...priority] }),
    ...(category && { category: [...category] }),
    ...(assignee && { assignee }),
    ...(requester && { requester }),
    ...(q && { q }),
  };
}

/** Watches the list and takes in what is told, several changes at once where many come. */
function useWatch(
  key: string,
  wanted: Wanted,
  queryKey: readonly unknown[],
  told: Told,
  watchesPeople: boolean,
) {
  const queries = useQueryClient();
  const live = useLive();
  const tell = useRef(told);
  useEffect(() => {
    tell.current = told;
  });
  const name = useRef("");
  const ids = useRef<readonly string[]>([]);
  const [tallies, setTallies] = useState<{ key: string; counts: ListTallies } | null>(null);

  useEffect(() => {
    if (!live) return undefined;
    const own = nextName();
    name.current = own;
    ids.current = [];
    const track = trackOf(key);
    let waiting: ListChanged[] = [];
    let frame = 0;
    let isOver = false;
    let latest = -1;
    const counted = (position: number, counts: ListTallies) => {
      if (position < latest) return;
      latest = position;
      setTallies({ key, counts });
    };
    const takeIn = () => {
      frame = 0;
      const changes = waiting;
      waiting = [];
      queries.setQueryData<ListState>(
        queryKey,
        (state) => state && applied(state, changes, ORDERS[wanted.sort]),
      );
      tell.current(changes);
    };
    const endings = [
      live.on("list:changed", (change, meta) => {
        if (change.list !== own || meta.position <= track.position) return;
        track.position = meta.position;
        if (track.requests > 0) track.told.push(change);
        waiting.push(change);
        // Nobody looks at a tab in the background, and it gets no frames.
        if (document.hidden) takeIn();
        else frame ||= requestAnimationFrame(takeIn);
      }),
      live.on("list:counts", ({ list, position, counts }) => {
        if (list === own) counted(position, counts);
      }),
      live.on("resync", ({ position }) => {
        // What is fetched anew (`live/cache.ts`) holds from here on; it may be another log.
        Object.assign(track, { position, watchedFrom: position, told: [] });
        waiting = [];
        latest = -1;
        void queries.invalidateQueries({ queryKey, exact: true });
      }),
    ];
    const watch = live.watchList({ list: own, filters: watchFilters(wanted), ids: [] });
    void watch.then((granted) => {
      if (isOver || !granted.ok) return;
      track.watchedFrom = granted.position;
      track.position = Math.max(track.position, granted.position);
      counted(granted.position, granted.counts);
      // What was fetched before may lack what happened before the list was watched.
      void queries.invalidateQueries({ queryKey, exact: true });
    });
    return () => {
      isOver = true;
      cancelAnimationFrame(frame);
      for (const end of endings) end();
      live.unwatchList(own);
    };
  }, [live, key, wanted, queryKey, queries, watchesPeople]);

  return { name, ids, counts: tallies?.key === key ? tallies.counts : null };
}
