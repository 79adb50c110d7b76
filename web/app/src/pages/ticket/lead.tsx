import { ticketNumber } from "@/lib/number";
import { ArrowLeft, Link2 } from "lucide-react";
import { Link } from "wouter";
import { useText } from "@/i18n/text";
import { announce } from "@/lib/announce";
import { Badge, type Category, PriorityBadge, StatusBadge } from "@/ui/badge";
import { goBackToList, lastList } from "@/shell/trail";
import { toast } from "@/ui/toast";
import { listPath, useShown } from "./view";

/** Under the title: which ticket it is, and how it stands. */
export function Lead() {
  const t = useText("ticket");
  const common = useText("common");
  const { ticket, pending, view } = useShown();
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <Link
        href={lastList(listPath(view))}
        onClick={(event) => {
          const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
          if (isPlain && goBackToList(listPath(view))) event.preventDefault();
        }}
        className="inline-flex min-h-6 items-center gap-1 text-link hover:underline"
      >
        <ArrowLeft aria-hidden size={14} className="rtl:-scale-x-100" />
        {t(view === "agent" ? "allTickets" : "myTickets")}
      </Link>
      <span aria-hidden>·</span>
      <CopyLink />
      <StatusBadge status={ticket.status} />
      <PriorityBadge priority={ticket.priority} />
      <Badge>{common(`category.${ticket.category as Category}`)}</Badge>
      {pending.size > 0 && (
        <span role="status" className="text-xs">
          {common("saving")}
        </span>
      )}
    </span>
  );
}

/** The ticket's short number; pressed, its address is copied. */
function CopyLink() {
  const t = useText("ticket");
  const { ticket } = useShown();
  const number = ticketNumber(ticket.id);
  const copy = async () => {
    const address = window.location.origin + window.location.pathname;
    try {
      await navigator.clipboard.writeText(address);
      toast(t("linkCopied"), { tone: "success", key: "copied" });
    } catch {
      // No clipboard outside of secure contexts: the address is in the address bar.
      announce(address);
    }
  };
  return (
    <button
      type="button"
      onClick={() => void copy()}
      aria-label={t("copyLink", { number })}
      title={t("copyLink", { number })}
      className="inline-flex min-h-6 items-center gap-1 rounded-md px-1 font-mono hover:bg-hover hover:text-ink"
    >
      #{number}
      <Link2 aria-hidden size={14} />
    </button>
  );
}
