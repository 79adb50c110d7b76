import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";
import type { HistoryStep } from "@/api/schema";
import { useLive, useLiveEvent, useTicketRoom } from "@/live/live";
import { fetchHistory, historyQuery } from "../queries";
import { append } from "./film";

export interface History {
  /** What is known of it, the oldest first. */
  steps: readonly HistoryStep[];
  isPending: boolean;
  error: Error | null;
  /** There are later events that have not been asked for yet. */
  hasMore: boolean;
  isLoadingMore: boolean;
  retry: () => void;
}

/** A ticket's events: the first `wanted` of them at least, and each new one as it happens. */
export function useHistory(id: string, wanted: number): History {
  const queries = useQueryClient();
  const options = useMemo(() => historyQuery(id), [id]);
  const query = useInfiniteQuery(options);
  const { data, hasNextPage, isFetching, fetchNextPage } = query;
  const steps = useMemo(
    () => (data?.pages ?? []).reduce<HistoryStep[]>((all, page) => append(all, page.steps), []),
    [data],
  );

  const wantsMore = hasNextPage && steps.length < wanted;
  useEffect(() => {
    if (wantsMore && !isFetching && !query.isError) void fetchNextPage();
  }, [wantsMore, isFetching, fetchNextPage, query.isError]);

  const grow = useGrowth(id, queries, options.queryKey);
  const live = useLive();
  // What happened since this was last looked at, and whatever a broken connection has kept from us.
  useEffect(() => grow(), [grow]);
  useEffect(() => live?.onGap(({ ticket }) => ticket === id && grow()), [live, id, grow]);
  useLiveEvent("resync", () => grow());
  useLiveEvent("ticket:updated", (ticket) => ticket.id === id && grow());
  useLiveEvent("ticket:deleted", (ticket) => ticket.id === id && grow());
  useLiveEvent("comment:added", (comment) => comment.ticketId === id && grow());
  useLiveEvent("attachment:added", (file) => file.ticketId === id && grow());
  useTicketRoom(id);

  return {
    steps,
    isPending: query.isPending,
    error: query.error,
    hasMore: hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    retry: () => void query.refetch(),
  };
}

/** Asks for what came after the last known event; once more if something happens while it is asked for. */
function useGrowth(
  id: string,
  queries: ReturnType<typeof useQueryClient>,
  key: ReturnType<typeof historyQuery>["queryKey"],
): () => void {
  const state = useRef({ isAsking: false, isDue: false });
  return useCallback(() => {
    const { current } = state;
    const ask = async () => {
      const known = queries.getQueryData(key);
      const last = known?.pages.findLast(({ steps }) => steps.length > 0)?.steps.at(-1);
      // Where there are pages to come, they have it.
      if (!known || !last || known.pages.at(-1)?.next) return;
      const page = await fetchHistory(id, String(last.version));
      if (page.steps.length === 0) return;
      queries.setQueryData(key, (before) =>
        before
          ? { pages: [...before.pages, page], pageParams: [...before.pageParams, String(last.version)] }
          : before,
      );
    };
    const askAll = async () => {
      current.isAsking = true;
      do {
        current.isDue = false;
        await ask();
      } while (current.isDue);
    };
    if (current.isAsking) {
      current.isDue = true;
      return;
    }
    askAll()
      // The next event asks again.
      .catch(() => {})
      .finally(() => (current.isAsking = false));
  }, [id, queries, key]);
}
