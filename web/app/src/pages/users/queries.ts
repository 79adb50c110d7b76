import { infiniteQueryOptions, queryOptions, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { answer, api, body, nextCursor } from "@/api/client";
import { KEYS } from "@/api/queries";
import type { UserRow } from "@/api/schema";
import { useLiveEvent } from "@/live/live";

/** Whom the page shows. Lives in the URL. */
export interface UserFilters {
  search: string;
  role: string;
  /** `true`, `false`, or empty for both. */
  active: string;
}

/** How many are fetched at a time. */
const PAGE = 50;

/** Accounts, the newest first. */
export function usersQuery({ search, role, active }: UserFilters) {
  const query = {
    limit: PAGE,
    ...(search && { search }),
    ...(role && { role }),
    ...(active && { isActive: active === "true" }),
  };
  return infiniteQueryOptions({
    queryKey: [KEYS.users, "list", query],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const asked = pageParam === null ? query : { ...query, cursor: pageParam };
      const { data, response } = await answer(
        api.GET("/api/admin/users", { params: { query: asked }, headers: minPosition(), signal }),
      );
      return { users: data, next: nextCursor(response) };
    },
    getNextPageParam: (page) => page.next,
  });
}

/** How many accounts there are of each role. */
export const countsQuery = queryOptions({
  queryKey: [KEYS.users, "counts"],
  queryFn: ({ signal }) => body(api.GET("/api/admin/users/counts", { headers: minPosition(), signal })),
});

/** What was told live must be in what is fetched. */
let told = 0;
const minPosition = (): Record<string, string> => (told > 0 ? { "min-position": String(told) } : {});

/** At most one fetch in this time, in milliseconds. */
const PAUSE_MS = 250;

/** Fetches what is shown anew when an account has changed, or how many tickets somebody has. */
export function useFreshUsers(): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const soon = useCallback(
    (position: number) => {
      told = position;
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        void queries.invalidateQueries({ queryKey: [KEYS.users] });
      }, PAUSE_MS);
    },
    [queries],
  );
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      // Of another log, if there is one by then.
      told = 0;
    },
    [],
  );
  useLiveEvent("account:created", (_, { position }) => soon(position));
  useLiveEvent("account:updated", (_, { position }) => soon(position));
  useLiveEvent("ticket:created", (_, { position }) => soon(position));
  useLiveEvent("ticket:updated", (_, { position }) => soon(position));
  useLiveEvent("ticket:deleted", (_, { position }) => soon(position));
  useLiveEvent("resync", () => (told = 0));
}

/** What is to change of an account; what is left out stays. */
export interface UserChange {
  role?: string;
  isActive?: boolean;
  name?: string;
  department?: string | null;
}

export function changeUser(id: string, change: UserChange): Promise<UserRow> {
  return body(api.PATCH("/api/admin/users/{id}", { params: { path: { id } }, body: change }));
}
