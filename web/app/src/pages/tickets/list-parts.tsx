import { Inbox } from "lucide-react";
import type { ReactNode } from "react";
import { useText } from "@/i18n/text";
import { Button, ButtonLink } from "@/ui/button";
import { cx } from "@/ui/classes";
import { EmptyState, ErrorState, useProblemText } from "@/ui/states";
import { COLUMNS } from "./row";
import type { TicketList } from "./use-list";
import type { Selection } from "./use-selection";
import { isFiltered, type View } from "./view";

/** The names of the columns; on a narrow screen for those who do not see it. */
export function ListHeader({
  isAgent,
  isWide,
  selection,
}: {
  isAgent: boolean;
  isWide: boolean;
  selection: Selection;
}) {
  const t = useText("tickets");
  const common = useText("common");
  const names = isWide
    ? [
        t("ticket"),
        common("field.status"),
        common("field.priority"),
        ...(isAgent ? [common("field.requester")] : []),
        common("field.assignee"),
        t("activity"),
      ]
    : [t("ticket"), common("field.status"), common("field.assignee")];
  return (
    <div
      role="row"
      aria-rowindex={1}
      className={
        isWide
          ? cx(
              "text-muted grid items-center gap-x-3 border-b border-line bg-sunken px-4 py-2 text-xs font-medium",
              isAgent ? COLUMNS.agent : COLUMNS.requester,
            )
          : "sr-only"
      }
    >
      {isAgent && (
        <div role="columnheader">
          <input
            type="checkbox"
            checked={selection.isAll}
            tabIndex={isWide ? 0 : -1}
            onChange={selection.toggleAll}
            aria-label={t("selectAll")}
            className="size-4 accent-accent align-middle"
          />
        </div>
      )}
      {names.map((name, place) => (
        <div
          key={name}
          role="columnheader"
          className={cx("truncate", place === names.length - 1 && "text-end")}
        >
          {name}
        </div>
      ))}
    </div>
  );
}

/** The rows, or what is there until they are. */
export function Rows({
  list,
  rowHeight,
  children,
}: {
  list: TicketList;
  rowHeight: number;
  children: ReactNode;
}) {
  const common = useText("common");
  if (list.error) return <ErrorState error={list.error} onRetry={list.retry} />;
  if (!list.isLoading) return children;
  return (
    <div role="status">
      <span className="sr-only">{common("loading")}</span>
      {Array.from({ length: 12 }, (_, row) => (
        // The rows are all alike, and never change places.
        <div
          key={row}
          className="flex items-center gap-6 border-b border-line px-4"
          style={{ height: rowHeight }}
        >
          <div className="skeleton h-4 flex-1" />
          <div className="skeleton h-4 w-20" />
          <div className="skeleton hidden h-4 w-40 lg:block" />
        </div>
      ))}
    </div>
  );
}

/** There is no ticket in the list, and why. */
export function NothingHere({
  view,
  isAll,
  isGuest,
  base,
}: {
  view: View;
  isAll: boolean;
  isGuest: boolean;
  base: string;
}) {
  const t = useText("tickets");
  if (isFiltered(view)) {
    return (
      <EmptyState title={t("nothingTitle")}>
        <p>{t("nothingHelp")}</p>
        <ButtonLink href={base}>{t("reset")}</ButtonLink>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={Inbox} title={t("emptyTitle")}>
      <p>{t(isAll ? "emptyAll" : "emptyMine")}</p>
      {!isAll && !isGuest && (
        <ButtonLink href="/tickets/new" look="primary">
          {t("newTicket")}
        </ButtonLink>
      )}
    </EmptyState>
  );
}

/** What follows on the last row. */
export function ListFooter({ list }: { list: TicketList }) {
  const t = useText("tickets");
  const common = useText("common");
  const problem = useProblemText();
  if (list.moreError) {
    return (
      <div role="alert" className="flex flex-wrap items-center justify-center gap-3 p-3">
        <span className="text-danger">{problem(list.moreError)}</span>
        <Button onClick={list.more}>{common("retry")}</Button>
      </div>
    );
  }
  if (list.isLoading || list.tickets.length === 0) return null;
  return <p className="text-muted p-3 text-center text-xs">{list.hasMore ? t("loadingMore") : t("end")}</p>;
}
