import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/api/client";

const WATCHED_MS = 5_000;
const BUILDING_MS = 600;

/** How every read model is. Asked for more often while one of them is rebuilt. */
export const projectionsQuery = queryOptions({
  queryKey: ["ops.projections"],
  queryFn: ({ signal }) => body(api.GET("/api/ops/projections", { signal })),
  refetchInterval: ({ state }) =>
    state.data?.some(({ build }) => build?.running) ? BUILDING_MS : WATCHED_MS,
});

export const reactorsQuery = queryOptions({
  queryKey: ["ops.reactors"],
  queryFn: ({ signal }) => body(api.GET("/api/ops/reactors", { signal })),
  refetchInterval: WATCHED_MS,
});

/** What a reactor has given up. `parked` is how many there are: with another number it is asked for anew. */
export function parkedDeliveriesQuery(name: string, parked: number) {
  return queryOptions({
    queryKey: ["ops.reactors.parked", name, parked],
    queryFn: ({ signal }) =>
      body(api.GET("/api/ops/reactors/{name}/parked", { params: { path: { name } }, signal })),
  });
}
