import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, body } from "@/api/client";
import { statsQuery } from "@/api/queries";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { useLiveEvent } from "@/live/live";
import { LISTS, useTally } from "@/live/watches";
import { CATEGORIES, PRIORITIES } from "@/ui/badge";
import { Bars } from "@/ui/bars";
import { Section } from "@/ui/card";
import { Skeleton } from "@/ui/states";
import { doneOf } from "./figures";

/** At most one fetch in this time, in milliseconds. */
const PAUSE_MS = 250;

/** How long tickets took until they were resolved: altogether, by criticality and by category. */
export function Averages({ asTable }: { asTable: boolean }) {
  const t = useText("dashboard");
  const common = useText("common");
  const format = useFormats();
  const { data: stats } = useQuery(statsQuery);
  useFreshAverages();
  const hours = (n: number) => t("hours", { hours: format.number(n, 1) });
  const byPriority = stats?.avgResolutionTimeByPriority ?? {};
  const byCategory = stats?.avgResolutionTimeByCategory ?? {};
  return (
    <div className="grid gap-4 lg:grid-cols-3">
      <Section title={t("average")}>
        {stats ? (
          <>
            <p className="tabular text-3xl font-semibold" data-average>
              {hours(stats.avgResolutionTime ?? 0)}
            </p>
            <p className="mt-1 text-muted">{t("averageHelp")}</p>
          </>
        ) : (
          <Skeleton lines={2} />
        )}
      </Section>
      <Section title={t("averageByPriority")}>
        {stats ? (
          <Bars
            title={t("averageByPriority")}
            columns={[common("field.priority"), t("averageColumn")]}
            asTable={asTable}
            bars={PRIORITIES.map((priority) => ({
              name: common(`priority.${priority}`),
              value: byPriority[priority] ?? 0,
              text: priority in byPriority ? hours(byPriority[priority]!) : "–",
            }))}
          />
        ) : (
          <Skeleton lines={4} />
        )}
      </Section>
      <Section title={t("averageByCategory")}>
        {stats ? (
          <Bars
            title={t("averageByCategory")}
            columns={[common("field.category"), t("averageColumn")]}
            asTable={asTable}
            bars={CATEGORIES.map((category) => ({
              name: common(`category.${category}`),
              value: byCategory[category] ?? 0,
              text: category in byCategory ? hours(byCategory[category]!) : "–",
            }))}
          />
        ) : (
          <Skeleton lines={6} />
        )}
      </Section>
    </div>
  );
}

/** Times of resolution are not among the numbers that are told: they are fetched when a ticket that is done has changed. */
function useFreshAverages(): void {
  const queries = useQueryClient();
  const tally = useTally(LISTS.all.list, LISTS.all.filters);
  const done = tally && doneOf(tally.counts);
  const known = useRef(done);
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);
  const upTo = useRef(0);
  const fetchSoon = (position: number) => {
    upTo.current = Math.max(upTo.current, position);
    pause.current ??= setTimeout(() => {
      pause.current = undefined;
      const headers = { "min-position": String(upTo.current) };
      void queries
        .fetchQuery({
          ...statsQuery,
          queryFn: ({ signal }) => body(api.GET("/api/stats", { signal, headers })),
          staleTime: 0,
        })
        .catch(() => {});
    }, PAUSE_MS);
  };
  useLiveEvent("list:changed", ({ list, ticket, change }, { position }) => {
    // A ticket that is no longer there may have been one that was done.
    if (list === LISTS.all.list && (change === "left" || ticket?.resolvedAt)) fetchSoon(position);
  });
  useEffect(() => {
    const before = known.current;
    known.current = done;
    if (before !== null && done !== null && before !== done && tally) fetchSoon(tally.position);
    // eslint-disable-next-line react/exhaustive-deps -- only when the number of those that are done changes
  }, [done]);
  useEffect(() => () => clearTimeout(pause.current), []);
}
