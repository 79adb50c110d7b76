import { ticketNumber } from "@/lib/number";
import { Clock, Eye, MessageSquare, Paperclip } from "lucide-react";
import { memo, type ReactNode } from "react";
import { Link } from "wouter";
import type { Ticket } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Badge, type Category, PriorityBadge, StatusBadge } from "@/ui/badge";
import { cx } from "@/ui/classes";
import { Moment } from "@/ui/time";

/** The columns of the table: whoever works on all tickets sees whose they are, and selects them. */
export const COLUMNS = {
  agent:
    "lg:grid-cols-[1.5rem_minmax(0,1fr)_6.5rem_5rem_minmax(0,10rem)_minmax(0,9rem)_8rem] grid-cols-[1.5rem_minmax(0,1fr)_auto]",
  requester: "lg:grid-cols-[minmax(0,1fr)_6.5rem_5rem_minmax(0,10rem)_8rem] grid-cols-[minmax(0,1fr)_auto]",
};

/** The heights of rows, in rem: in a table, and as cards. */
export const ROW_REM = { table: 3.5, agentCard: 7.5, requesterCard: 7.5 };

export const rowId = (ticket: string): string => `ticket-${ticket}`;

interface RowProps {
  ticket: Ticket;
  /** Where it stands: 0 is the first. */
  place: number;
  height: number;
  href: string;
  isWide: boolean;
  /** Whoever works on all tickets; others have no need of names and boxes. */
  isAgent: boolean;
  /** The one row that Tab leads to. */
  isTarget: boolean;
  isSelected: boolean;
  isFresh: boolean;
  isUnsent: boolean;
  /** Has left the list, but somebody has the focus on it. */
  isGone: boolean;
  /** Who looks at it, by name. */
  viewers: string;
}

/** One ticket of a list: a row of the table, or a card where there is no room for one. */
export const Row = memo(function Row(props: RowProps) {
  const { ticket, place, height, href, isWide, isAgent, isTarget, isSelected, isFresh, isGone } = props;
  const t = useText("tickets");
  return (
    <div
      role="row"
      id={rowId(ticket.id)}
      data-ticket={ticket.id}
      aria-rowindex={place + 2}
      aria-selected={isAgent ? isSelected : undefined}
      tabIndex={isTarget ? 0 : -1}
      style={{ height, transform: `translateY(${place * height}px)` }}
      className={cx(
        "group absolute inset-x-0 top-0 grid content-center items-center gap-x-3 gap-y-1 border-b border-line px-3 hover:bg-hover sm:px-4",
        "focus:z-10 focus-visible:-outline-offset-2",
        isAgent ? COLUMNS.agent : COLUMNS.requester,
        isSelected && "bg-selected",
        isFresh && "fresh",
        isGone && "bg-sunken",
      )}
    >
      {isAgent && (
        <div role="gridcell" className={cx("relative z-10", !isWide && "row-span-3 self-start pt-0.5")}>
          <input
            type="checkbox"
            tabIndex={-1}
            checked={isSelected}
            readOnly
            aria-label={t("select", { title: ticket.title })}
            className="size-4 accent-accent align-middle"
          />
        </div>
      )}
      <div role="gridcell" className={cx("min-w-0", !isWide && "col-span-2")}>
        <Link
          href={href}
          tabIndex={-1}
          className="block truncate font-medium after:absolute after:inset-0 group-hover:underline"
        >
          <bdi>{ticket.title}</bdi>
        </Link>
        {isWide && <Below {...props} />}
      </div>
      {isWide ? <Cells {...props} /> : <CardCells {...props} />}
    </div>
  );
});

/** What stands in small letters below the title. */
function Below({ ticket, isUnsent, isGone, viewers, isAgent }: RowProps) {
  const t = useText("tickets");
  const common = useText("common");
  return (
    <div className="text-muted flex min-w-0 items-center gap-x-2 text-xs whitespace-nowrap">
      <span className="font-mono">#{ticketNumber(ticket.id)}</span>
      <span className="truncate">{common(`category.${ticket.category as Category}`)}</span>
      {isAgent && ticket.createdBy.role === "GUEST" && <Badge tone="warning">{t("guest")}</Badge>}
      <Counts ticket={ticket} />
      {viewers && (
        <span className="text-info inline-flex items-center" title={t("viewedBy", { names: viewers })}>
          <Eye aria-hidden size={14} />
          <span className="sr-only">{t("viewedBy", { names: viewers })}</span>
        </span>
      )}
      {isUnsent && (
        <span className="text-warning inline-flex items-center gap-1">
          <Clock aria-hidden size={12} />
          {t("unsent")}
        </span>
      )}
      {isGone && <span className="text-warning">{t("movedOn")}</span>}
    </div>
  );
}

function Counts({ ticket }: { ticket: Ticket }) {
  const t = useText("tickets");
  const format = useFormats();
  const { comments, attachments } = ticket._count;
  return (
    <>
      {comments > 0 && (
        <Count icon={<MessageSquare aria-hidden size={12} />} name={t("comments", { n: comments })}>
          {format.number(comments)}
        </Count>
      )}
      {attachments > 0 && (
        <Count icon={<Paperclip aria-hidden size={12} />} name={t("files", { n: attachments })}>
          {format.number(attachments)}
        </Count>
      )}
    </>
  );
}

function Count({ icon, name, children }: { icon: ReactNode; name: string; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-0.5" title={name}>
      {icon}
      <span aria-hidden>{children}</span>
      <span className="sr-only">{name}</span>
    </span>
  );
}

/** The table's other cells. */
function Cells({ ticket, isAgent }: RowProps) {
  return (
    <>
      <div role="gridcell">
        <StatusBadge status={ticket.status} />
      </div>
      <div role="gridcell">
        <PriorityBadge priority={ticket.priority} />
      </div>
      {isAgent && (
        <div role="gridcell" className="min-w-0">
          <p className="truncate">{ticket.createdBy.name}</p>
          {ticket.createdBy.department && (
            <p className="text-muted truncate text-xs">{ticket.createdBy.department}</p>
          )}
        </div>
      )}
      <div role="gridcell" className="min-w-0 truncate">
        <Assignee ticket={ticket} />
      </div>
      <div role="gridcell" className="text-muted text-end text-xs whitespace-nowrap">
        <Moment at={ticket.updatedAt} isRelative />
      </div>
    </>
  );
}

function Assignee({ ticket }: { ticket: Ticket }) {
  const common = useText("common");
  return ticket.assignedTo ? (
    <>{ticket.assignedTo.name}</>
  ) : (
    <span className="text-warning font-medium">{common("unassigned")}</span>
  );
}

/** The same on a card. */
function CardCells(props: RowProps) {
  const { ticket, isAgent } = props;
  return (
    <>
      <div role="gridcell" className="col-span-2 flex min-w-0 items-center gap-2">
        <StatusBadge status={ticket.status} />
        <PriorityBadge priority={ticket.priority} />
        <span className="text-muted ms-auto text-xs whitespace-nowrap">
          <Moment at={ticket.updatedAt} isRelative />
        </span>
      </div>
      <div role="gridcell" className="col-span-2 min-w-0 text-xs">
        <p className="truncate">
          {isAgent && (
            <>
              {ticket.createdBy.name}
              {ticket.createdBy.department && ` (${ticket.createdBy.department})`}
              <span className="text-muted"> → </span>
            </>
          )}
          <Assignee ticket={ticket} />
        </p>
        <Below {...props} />
      </div>
    </>
  );
}
