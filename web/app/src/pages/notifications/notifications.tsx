import {
  AtSign,
  Bell,
  Check,
  CheckCheck,
  CircleDot,
  type LucideIcon,
  MessageSquare,
  PlusCircle,
  Reply,
  Trash2,
  UserCheck,
} from "lucide-react";
import { Link, useLocation, useSearch } from "wouter";
import { useText } from "@/i18n/text";
import { announce } from "@/lib/announce";
import { prefer, usePreferences } from "@/lib/preferences";
import { ticketPath, useMe } from "@/session/session";
import { notesOf, useNotes } from "@/shell/bell-context";
import { type Kind, type Note, NOTES_MAX } from "@/shell/bell-notes";
import { Badge, type Status } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Card } from "@/ui/card";
import { cx } from "@/ui/classes";
import { Page } from "@/ui/page";
import { EmptyState } from "@/ui/states";
import { Moment } from "@/ui/time";

const ICONS: Record<Kind, LucideIcon> = {
  created: PlusCircle,
  assigned: UserCheck,
  comment: MessageSquare,
  mention: AtSign,
  reply: Reply,
  status: CircleDot,
  deleted: Trash2,
};

/** What others did on tickets that concern the reader, the latest first. */
export default function Notifications() {
  const t = useText("notifications");
  const me = useMe();
  const { muted } = usePreferences();
  const all = useNotes();
  const notes = notesOf(me.id);
  const [, go] = useLocation();
  const onlyUnread = new URLSearchParams(useSearch()).get("show") === "unread";
  const unread = all.filter(({ isRead }) => !isRead);
  const shown = onlyUnread ? unread : all;
  const readAll = () => {
    notes.read(() => true);
    announce(t("allRead"));
  };
  const clear = () => {
    notes.clear();
    announce(t("cleared"));
    // What was pressed is gone.
    document.querySelector<HTMLElement>("h1")?.focus();
  };
  return (
    <Page
      title={t("title")}
      lead={t("lead", { max: NOTES_MAX })}
      width="narrow"
      actions={
        all.length > 0 && (
          <>
            <Button icon={CheckCheck} onClick={readAll} disabled={unread.length === 0}>
              {t("markAllRead")}
            </Button>
            <Button icon={Trash2} onClick={clear}>
              {t("clear")}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-wrap items-center justify-between gap-3">
        <label className="flex items-start gap-2">
          <input
            type="checkbox"
            className="mt-0.5 size-4 accent-accent"
            checked={!muted}
            onChange={(event) => prefer({ muted: !event.target.checked })}
          />
          <span>
            {t("mute")}
            <span className="block text-xs text-muted">{t("muteHelp")}</span>
          </span>
        </label>
        <div className="flex gap-1">
          {([false, true] as const).map((isUnread) => (
            <Button
              key={String(isUnread)}
              look={isUnread === onlyUnread ? "secondary" : "quiet"}
              aria-pressed={isUnread === onlyUnread}
              onClick={() =>
                go(isUnread ? "/notifications?show=unread" : "/notifications", { replace: true })
              }
            >
              {t(isUnread ? "unread" : "all")}
            </Button>
          ))}
        </div>
      </div>
      <Card>
        {shown.length === 0 ? (
          <EmptyState icon={Bell} title={t("empty")}>
            <p>{t("emptyHelp")}</p>
          </EmptyState>
        ) : (
          <ul className="divide-y divide-line">
            {shown.map((note) => (
              <Line key={note.id} note={note} markRead={() => notes.read(({ id }) => id === note.id)} />
            ))}
          </ul>
        )}
      </Card>
    </Page>
  );
}

function Line({ note, markRead }: { note: Note; markRead: () => void }) {
  const t = useText("notifications");
  const common = useText("common");
  const me = useMe();
  const Icon = ICONS[note.kind];
  const words = t(`one.${note.kind}`, {
    title: `“${note.title}”`,
    who: note.who ?? t("somebody"),
    status: note.status ? common(`status.${note.status as Status}`) : "",
  });
  return (
    <li
      data-note={note.kind}
      className={cx("flex items-start gap-3 px-4 py-3", !note.isRead && "bg-selected/40")}
    >
      <Icon aria-hidden size={18} className="mt-0.5 shrink-0 text-muted" />
      <div className="min-w-0 flex-1">
        <p dir="auto" className={cx(!note.isRead && "font-semibold")}>
          {note.kind === "deleted" ? (
            words
          ) : (
            <Link
              id={`note-${note.id}`}
              href={ticketPath(me, note.ticket)}
              onClick={markRead}
              className="hover:underline"
            >
              {words}
            </Link>
          )}
        </p>
        <p className="flex items-center gap-2 text-xs text-muted">
          <Moment at={note.at} isRelative />
          {!note.isRead && <Badge tone="info">{t("unread")}</Badge>}
        </p>
      </div>
      {!note.isRead && <IconButton label={`${t("markRead")}: ${words}`} icon={Check} onClick={markRead} />}
    </li>
  );
}
