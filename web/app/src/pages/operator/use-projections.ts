import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Projection } from "@/api/schema";
import { useLiveEvent } from "@/live/live";
import { projectionsQuery, reactorsQuery } from "./queries";
import { note } from "./trend";

/** How every read model is, current: the server says when something changes, and whoever watches asks for the rest. */
export function useProjections(): UseQueryResult<Projection[]> {
  const queries = useQueryClient();
  const query = useQuery(projectionsQuery);
  const { data, dataUpdatedAt } = query;
  useEffect(() => {
    if (data) note(data, dataUpdatedAt);
  }, [data, dataUpdatedAt]);
  useLiveEvent("operations:changed", ({ projections }) => {
    note(projections, Date.now());
    void queries.invalidateQueries({ queryKey: projectionsQuery.queryKey });
    void queries.invalidateQueries({ queryKey: reactorsQuery.queryKey });
  });
  return query;
}
