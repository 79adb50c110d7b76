import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, GitCompare } from "lucide-react";
import { useMemo } from "react";
import { agentsQuery, listParameters, type TicketFilters } from "@/api/queries";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { projectionsQuery } from "@/pages/operator/queries";
import { useMe } from "@/session/session";
import { CATEGORIES, PRIORITIES, STATUSES } from "@/ui/badge";
import { Button, ButtonLink, IconButton } from "@/ui/button";
import { Card } from "@/ui/card";
import { SelectField } from "@/ui/field";
import { Page } from "@/ui/page";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { momentOf, written } from "../moment";
import { MomentField } from "../moment-field";
import { pastQuery } from "../queries";
import { Recorded } from "../recorded";
import { SearchField } from "../search-field";
import { TicketRows } from "../ticket-rows";
import { useUrl } from "../url";
import { Figures } from "./figures";

/** The list of tickets, and the desk's figures, as they were. */
export default function Past() {
  const t = useText("auditor");
  const common = useText("common");
  const me = useMe();
  const [url, change] = useUrl();
  const { data: agents } = useQuery(agentsQuery);
  const at = written(momentOf(url.get("at")));
  const one = <Value extends string>(name: string, known: readonly Value[]): Value[] =>
    known.filter((value) => value === url.get(name));
  const filters: TicketFilters = {
    status: one("status", STATUSES),
    priority: one("priority", PRIORITIES),
    category: one("category", CATEGORIES),
    assignee: url.get("assignee") ?? "",
    q: url.get("q") ?? "",
    at: at ?? "",
  };
  const query = useInfiniteQuery(pastQuery(listParameters(filters, me.id)));
  const tickets = useMemo(() => query.data?.pages.flatMap((page) => page.tickets) ?? [], [query.data]);
  const position = query.data?.pages[0]?.position ?? null;
  const all = ["", common("all")] as const;
  const isFiltered = ["status", "priority", "category", "assignee", "q"].some((name) => url.get(name));

  return (
    <Page
      title={t("past.title")}
      lead={<Recorded />}
      actions={
        <ButtonLink href={`/audit/diff${position === null ? "" : `?from=${position}`}`} icon={GitCompare}>
          {t("past.compare")}
        </ButtonLink>
      }
    >
      <Card className="flex flex-col gap-4 p-4">
        <Then position={at === undefined ? null : position} isLoading={query.isFetching} />
        <div className="grid grid-cols-[repeat(auto-fit,minmax(9rem,1fr))] gap-3">
          <SearchField value={url.get("q") ?? ""} onSearch={(q) => change({ q })} />
          <SelectField
            label={common("field.status")}
            value={url.get("status") ?? ""}
            onChange={(event) => change({ status: event.target.value })}
            options={[all, ...STATUSES.map((status) => [status, common(`status.${status}`)] as const)]}
          />
          <SelectField
            label={common("field.priority")}
            value={url.get("priority") ?? ""}
            onChange={(event) => change({ priority: event.target.value })}
            options={[
              all,
              ...PRIORITIES.map((priority) => [priority, common(`priority.${priority}`)] as const),
            ]}
          />
          <SelectField
            label={common("field.category")}
            value={url.get("category") ?? ""}
            onChange={(event) => change({ category: event.target.value })}
            options={[
              all,
              ...CATEGORIES.map((category) => [category, common(`category.${category}`)] as const),
            ]}
          />
          <SelectField
            label={common("field.assignee")}
            value={url.get("assignee") ?? ""}
            onChange={(event) => change({ assignee: event.target.value })}
            options={[
              all,
              ["none", common("unassigned")] as const,
              ...(agents ?? []).map(({ id, name }) => [id, name] as const),
            ]}
          />
        </div>
      </Card>
      <Figures at={at} />
      {query.isPending && <Skeleton lines={8} />}
      {query.error && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {!query.error && query.data && (
        <Card>
          {tickets.length === 0 ? (
            <EmptyState title={t(isFiltered ? "past.noneFiltered" : "past.none")} />
          ) : (
            <TicketRows tickets={tickets} at={at === undefined ? null : position} label={t("past.title")} />
          )}
          {query.hasNextPage && (
            <div className="flex justify-center border-t border-line p-3">
              <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {common("more")}
              </Button>
            </div>
          )}
        </Card>
      )}
    </Page>
  );
}

/** Which moment it is, and the way to others. */
function Then({ position, isLoading }: { position: number | null; isLoading: boolean }) {
  const t = useText("auditor");
  const format = useFormats();
  const [url, change] = useUrl();
  const { data: projections } = useQuery(projectionsQuery);
  const moment = momentOf(url.get("at"));
  // Reading is recorded, so the log may have gone on since this was asked: then the server says so.
  const head = Math.max(0, position ?? 0, ...(projections ?? []).map((projection) => projection.head));
  const shown = position ?? head;
  const go = (to: number) => change({ at: String(to) });
  return (
    <div className="flex flex-wrap items-end gap-x-4 gap-y-3">
      <MomentField
        id="at"
        label={t("past.moment")}
        none={t("moment.now")}
        value={moment}
        onChange={(next) => change({ at: written(next) })}
      />
      <div className="flex items-center gap-1">
        <IconButton
          label={t("past.previous")}
          icon={ChevronLeft}
          className="rtl:-scale-x-100"
          disabled={shown <= 0}
          onClick={() => go(shown - 1)}
        />
        <IconButton
          label={t("past.next")}
          icon={ChevronRight}
          className="rtl:-scale-x-100"
          disabled={position === null || position >= head}
          onClick={() => go(shown + 1)}
        />
        <Button disabled={moment.kind === "none"} onClick={() => change({ at: undefined })}>
          {t("moment.now")}
        </Button>
      </div>
      <p id="past-position" role="status" aria-busy={isLoading} className="min-h-9 content-center text-muted">
        {position === null
          ? t("past.asNow")
          : moment.kind === "time"
            ? t("past.atTime", {
                time: `${format.date(moment.time)} ${format.time(moment.time)}`,
                position: format.number(position),
              })
            : t("past.atPosition", { position: format.number(position) })}
      </p>
    </div>
  );
}
