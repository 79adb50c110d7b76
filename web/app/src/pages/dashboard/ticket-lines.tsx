import { ticketNumber } from "@/lib/number";
import { type LucideIcon, Ticket as TicketIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Ticket } from "@/api/schema";
import { useText } from "@/i18n/text";
import { preload } from "@/shell/routes";
import { ticketPath, useMe } from "@/session/session";
import { PriorityBadge, StatusBadge } from "@/ui/badge";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { Moment } from "@/ui/time";

/** A few tickets, one under the other, or why there are none. */
export function TicketLines({
  name,
  query: { data, error, refetch },
  empty,
  icon = TicketIcon,
  emptyActions,
  withRequester = false,
}: {
  /** Of which list they are: for ids that stay. */
  name: string;
  query: { data: Ticket[] | undefined; error: unknown; refetch: () => unknown };
  empty: string;
  icon?: LucideIcon;
  emptyActions?: ReactNode;
  withRequester?: boolean;
}) {
  const t = useText("common");
  const me = useMe();
  if (!data && error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={5} />;
  if (data.length === 0) {
    return (
      <EmptyState icon={icon} title={empty}>
        {emptyActions}
      </EmptyState>
    );
  }
  return (
    <ul className="-my-2 divide-y divide-line">
      {data.map((ticket) => {
        const href = ticketPath(me, ticket.id);
        return (
          <li key={ticket.id} className="relative flex flex-col gap-1 py-2.5">
            <div className="flex items-start justify-between gap-3">
              <Link
                id={`${name}-${ticket.id}`}
                href={href}
                dir="auto"
                onPointerEnter={() => preload(href)}
                onFocus={() => preload(href)}
                className="min-w-0 font-medium before:absolute before:-inset-x-2 before:inset-y-0 before:rounded-lg hover:before:bg-hover/50 hover:underline"
              >
                {ticket.title}
              </Link>
              <span className="flex shrink-0 flex-wrap justify-end gap-1">
                <StatusBadge status={ticket.status} />
                <PriorityBadge priority={ticket.priority} />
              </span>
            </div>
            <p className="flex flex-wrap gap-x-2 text-xs text-muted">
              <span>{t("ticketNumber", { number: ticketNumber(ticket.id) })}</span>
              {withRequester && (
                <span>
                  · <bdi>{ticket.createdBy.name}</bdi>
                </span>
              )}
              <span>
                · <Moment at={ticket.createdAt} isRelative />
              </span>
            </p>
          </li>
        );
      })}
    </ul>
  );
}

/** The way to the whole list. */
export function ViewAll({ id, href }: { id: string; href: string }) {
  const t = useText("dashboard");
  return (
    <Link id={id} href={href} className="font-medium text-link hover:underline">
      {t("viewAll")}
    </Link>
  );
}
