import type { ListChanged, Meta, Ticket as LiveTicket } from "informejo-realtime";
import { useCallback, useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { api, body } from "@/api/client";
import type { Ticket } from "@/api/schema";
import { text } from "@/i18n/text";
import { preferences } from "@/lib/preferences";
import { useLiveEvent } from "@/live/live";
import { LISTS, useWatch } from "@/live/watches";
import { isAgent, ticketPath, useMe } from "@/session/session";
import { isToastShown, toast } from "@/ui/toast";
import { bundled, placeOf } from "./bell-bundle";
import { commentOf, isFieldChange } from "./bell-classify";
import { notesOf } from "./bell-context";
import type { Kind, Note } from "./bell-notes";
import { noteText } from "./bell-words";

/** What comes within this time is told together, in milliseconds. */
const TOGETHER_MS = 400;
/** So many tickets are asked about at a time; in a flood the others are told of without saying who. */
const ASKED_MAX = 8;

/** Makes notes and toasts of what others do on tickets that concern the reader. For agents and requesters. */
export function useNews(): void {
  const me = useMe();
  const agent = isAgent(me);
  const own = LISTS.own(me.id);
  useWatch(own.list, own.filters);
  useWatch(LISTS.mine.list, LISTS.mine.filters, agent);
  const tell = useTelling();
  const asked = useRef(0);
  /** The last status that was told of each ticket of one's own. */
  const statuses = useRef(new Map<string, string>());

  const isOwnAct = ({ actor }: Meta) => actor === me.id;

  const ask = async <Answer>(position: number, question: (headers: HeadersInit) => Promise<Answer>) => {
    if (asked.current >= ASKED_MAX) return null;
    asked.current += 1;
    try {
      return await question({ "min-position": String(position) });
    } catch {
      // The server is away, or the ticket gone: it is told of without more words.
      return null;
    } finally {
      asked.current -= 1;
    }
  };

  const commented = async (ticket: LiveTicket, meta: Meta) => {
    const whole = await ask(meta.position, (headers) =>
      body(api.GET("/api/tickets/{id}", { params: { path: { id: ticket.id } }, headers })),
    );
    const found = whole && commentOf(whole, meta.occurredAt, me);
    if (found) tell(found.kind, ticket, meta, { who: found.who });
  };

  const changed = async (ticket: LiveTicket, meta: Meta) => {
    const before =
      statuses.current.get(ticket.id) ??
      (
        await ask(meta.position, (headers) =>
          body(
            api.GET("/api/tickets/{id}", {
              params: { path: { id: ticket.id }, query: { at: String(meta.position - 1) } },
              headers,
            }),
          ),
        )
      )?.status;
    if (before !== undefined && before !== ticket.status)
      tell("status", ticket, meta, { status: ticket.status });
  };

  useLiveEvent("list:changed", ({ list, change, ticket }: ListChanged, meta) => {
    if (!ticket) return;
    const known = statuses.current.get(ticket.id);
    if (list === own.list) {
      if (!isOwnAct(meta) && change === "changed") {
        if (!isFieldChange(ticket, meta.occurredAt)) void commented(ticket, meta);
        else if (known !== ticket.status) void changed(ticket, meta);
      }
      statuses.current.set(ticket.id, ticket.status);
    } else if (list === LISTS.mine.list && !isOwnAct(meta)) {
      if (change === "entered") tell("assigned", ticket, meta);
      // What is also one's own was told of above.
      else if (ticket.createdById !== me.id && !isFieldChange(ticket, meta.occurredAt))
        void commented(ticket, meta);
    }
  });
  useLiveEvent("ticket:created", (ticket, meta) => {
    if (agent && !isOwnAct(meta)) tell("created", ticket, meta);
  });
  useLiveEvent("ticket:deleted", ({ ticket }, meta) => {
    const concerns = ticket.createdById === me.id || ticket.assignedToId === me.id;
    if (concerns && !isOwnAct(meta)) tell("deleted", ticket, meta);
  });
}

type Tell = (
  kind: Kind,
  ticket: Pick<Ticket, "id" | "title">,
  meta: Meta,
  more?: Partial<Pick<Note, "who" | "status">>,
) => void;

/** Notes each thing once, and shows what came together as few toasts. */
function useTelling(): Tell {
  const me = useMe();
  const waiting = useRef<Note[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // As it is shown: a page that is left because of the very same news was before one's eyes.
  const [path] = useLocation();
  const shownPath = useRef(path);
  useEffect(() => {
    shownPath.current = path;
  }, [path]);
  const onScreen = useRef(new Map<Kind, Note[]>());
  useEffect(() => () => clearTimeout(timer.current), []);

  const show = useCallback(async () => {
    const notes = waiting.current.splice(0);
    const before = (kind: Kind) => (isToastShown(`news.${kind}`) ? (onScreen.current.get(kind) ?? []) : []);
    for (const { kind, n, note } of bundled(notes, before)) {
      onScreen.current.set(kind, [...before(kind), ...notes.filter((one) => one.kind === kind)]);
      const href = note && kind !== "deleted" ? ticketPath(me, note.ticket) : placeOf(kind);
      const words = note ? await noteText(note) : await text("notifications", `many.${kind}`, { n });
      toast(words, { href, key: `news.${kind}` });
    }
  }, [me]);

  return useCallback(
    (kind, { id: ticket, title }, { eventId, occurredAt, replayed }, more = {}) => {
      const isLookedAt = document.visibilityState === "visible";
      const isBeforeEyes = isLookedAt && shownPath.current.split("/").includes(ticket);
      const note: Note = {
        id: eventId,
        kind,
        ticket,
        title,
        who: null,
        status: null,
        at: occurredAt,
        isRead: isBeforeEyes,
        ...more,
      };
      const [fresh] = notesOf(me.id).add([note]);
      // What was missed, what one sees anyway, and what another tab has told already is only kept.
      const isListed = isLookedAt && shownPath.current === "/notifications";
      if (!fresh || replayed || isBeforeEyes || isListed || preferences().muted) return;
      waiting.current.push(fresh);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void show(), TOGETHER_MS);
    },
    [me.id, show],
  );
}
