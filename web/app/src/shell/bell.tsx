import { Bell as BellIcon } from "lucide-react";
import { useEffect } from "react";
import { Link, useLocation } from "wouter";
import { useText } from "@/i18n/text";
import { useMe } from "@/session/session";
import { useNotes, notesOf } from "./bell-context";
import { useNews } from "./bell-listen";
import { preload } from "./routes";

/** The way to the notifications, with how many are unread. */
export function Bell() {
  const t = useText("notifications");
  useNews();
  useReadWhatIsOpen();
  const unread = useNotes().filter(({ isRead }) => !isRead).length;
  return (
    <Link
      id="bell"
      href="/notifications"
      aria-label={unread > 0 ? t("bellUnread", { n: unread }) : t("bell")}
      title={t("bell")}
      onPointerEnter={() => preload("/notifications")}
      onFocus={() => preload("/notifications")}
      className="relative inline-grid size-9 place-items-center rounded-lg text-muted hover:bg-hover hover:text-ink"
    >
      <BellIcon aria-hidden size={18} />
      {unread > 0 && (
        <span
          aria-hidden
          className="tabular absolute end-0 top-0 min-w-4.5 rounded-full bg-danger px-1 text-center text-[0.6875rem] leading-4.5 font-semibold text-on-danger"
        >
          {unread}
        </span>
      )}
    </Link>
  );
}

/** Who looks at a ticket has seen what happened to it. */
function useReadWhatIsOpen(): void {
  const me = useMe();
  const [path] = useLocation();
  useEffect(() => {
    const parts = path.split("/");
    notesOf(me.id).read(({ ticket }) => parts.includes(ticket));
  }, [me.id, path]);
}
