import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "wouter";
import type { TicketDifference } from "@/api/schema";
import { useText } from "@/i18n/text";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Page } from "@/ui/page";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { deskDiffQuery } from "../queries";
import { Recorded } from "../recorded";
import { BetweenFields, useBetween } from "./between";
import { Changes } from "./changes";
import { KindBadge } from "./kind";

/** What became of the whole desk between two moments. */
export default function DeskDiff() {
  const t = useText("auditor");
  const common = useText("common");
  const query = useInfiniteQuery(deskDiffQuery(useBetween()));
  const tickets = useMemo(() => query.data?.pages.flatMap((page) => page.tickets) ?? [], [query.data]);
  const first = query.data?.pages[0];
  const from = first?.from ?? null;
  const to = first?.to ?? null;
  return (
    <Page title={t("diff.deskTitle")} lead={<Recorded />}>
      <BetweenFields from={from} to={to} />
      {query.error && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton lines={8} />}
      {!query.error && query.data && tickets.length === 0 && (
        <Card>
          <EmptyState title={t("diff.nothing")} />
        </Card>
      )}
      {!query.error && tickets.length > 0 && (
        <ol aria-label={t("diff.deskTitle")} className="flex flex-col gap-3">
          {tickets.map((ticket) => (
            <li key={ticket.ticketId}>
              <Difference ticket={ticket} from={from} to={to} />
            </li>
          ))}
        </ol>
      )}
      {query.hasNextPage && (
        <Button
          className="self-center"
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {common("more")}
        </Button>
      )}
    </Page>
  );
}

function Difference({
  ticket,
  from,
  to,
}: {
  ticket: TicketDifference;
  from: number | null;
  to: number | null;
}) {
  const t = useText("auditor");
  const path = `/audit/tickets/${ticket.ticketId}/diff?from=${from ?? 0}${to === null ? "" : `&to=${to}`}`;
  return (
    <Card className="flex flex-col gap-2 p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <KindBadge kind={ticket.kind} />
        <h2 className="min-w-0 font-semibold">
          <Link id={`diff-${ticket.ticketId}`} href={path} className="text-link hover:underline">
            <span dir="auto">{ticket.title}</span>
          </Link>
        </h2>
        <span className="ms-auto text-xs text-muted">
          {t("diff.added", { comments: ticket.added.comments, files: ticket.added.attachments })}
        </span>
      </div>
      {ticket.changes.length > 0 ? (
        // A new ticket is new in all of it: told at length where one asks for it.
        <details open={ticket.kind === "CHANGED"}>
          <summary className="text-muted">{t("diff.fields", { n: ticket.changes.length })}</summary>
          <div className="mt-2">
            <Changes changes={ticket.changes} />
          </div>
        </details>
      ) : (
        ticket.kind === "CHANGED" && <p className="text-muted">{t("diff.nothingDiffers")}</p>
      )}
    </Card>
  );
}
