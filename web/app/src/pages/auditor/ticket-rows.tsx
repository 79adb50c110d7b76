import { Link } from "wouter";
import type { Ticket } from "@/api/schema";
import { useText } from "@/i18n/text";
import { type Category, PriorityBadge, StatusBadge } from "@/ui/badge";
import { Moment } from "@/ui/time";

/** Tickets in a table, each leading to the time machine at that moment; on small screens one below the other. */
export function TicketRows({
  tickets,
  at,
  label,
}: {
  tickets: readonly Ticket[];
  at: number | null;
  label: string;
}) {
  const t = useText("auditor");
  const common = useText("common");
  const behind = at === null ? "" : `?at=${at}`;
  return (
    <div className="overflow-x-auto">
      <table aria-label={label} className="w-full border-collapse text-start">
        <thead className="max-md:sr-only">
          <tr className="border-b border-line text-xs text-muted [&>th]:px-4 [&>th]:py-2 [&>th]:text-start [&>th]:font-semibold">
            <th scope="col">{common("field.title")}</th>
            <th scope="col">{common("field.status")}</th>
            <th scope="col">{common("field.priority")}</th>
            <th scope="col">{common("field.category")}</th>
            <th scope="col">{common("field.assignee")}</th>
            <th scope="col">{common("field.created")}</th>
            <th scope="col">{common("field.updated")}</th>
          </tr>
        </thead>
        <tbody>
          {tickets.map((ticket) => (
            <tr
              key={ticket.id}
              className="border-b border-line last:border-0 hover:bg-hover max-md:flex max-md:flex-wrap max-md:items-center max-md:gap-x-3 max-md:gap-y-1 max-md:px-4 max-md:py-3 md:[&>td]:px-4 md:[&>td]:py-2.5"
            >
              <td className="max-md:w-full md:min-w-64">
                <Link
                  id={`row-${ticket.id}`}
                  href={`/audit/tickets/${ticket.id}${behind}`}
                  className="font-medium text-link hover:underline"
                >
                  <span dir="auto">{ticket.title}</span>
                </Link>
                <span className="block text-xs text-muted">
                  {t("rows.by", { who: ticket.createdBy.name, n: ticket.version })}
                </span>
              </td>
              <td>
                <StatusBadge status={ticket.status} />
              </td>
              <td>
                <PriorityBadge priority={ticket.priority} />
              </td>
              <td>{common(`category.${ticket.category as Category}`)}</td>
              <td>{ticket.assignedTo?.name ?? common("unassigned")}</td>
              <td className="text-muted max-md:hidden">
                <Moment at={ticket.createdAt} />
              </td>
              <td className="text-muted">
                <Moment at={ticket.updatedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
