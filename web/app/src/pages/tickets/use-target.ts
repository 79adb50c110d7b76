import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Ticket } from "@/api/schema";
import { useLiveEvent } from "@/live/live";
import { focusRow, reveal } from "./grid";
import type { Order } from "./order";
import { arranged, type Held } from "./state";

/** How many of those before it are remembered, to find its place again. */
const BEFORE = 50;

/** What the focus may go to without letting go of the row: menus and dialogs about it. */
export const KEEPS_ROW = "data-keeps-row";

export interface Target {
  /** The list as it is shown: the row with the focus stays where it is. */
  shown: readonly Ticket[];
  /** The row that Tab leads to; null if none was chosen yet. */
  target: string | null;
  /** Tickets that are still shown, and no longer in the list. */
  gone: ReadonlySet<string>;
  focused: (ticket: string) => void;
  blurred: (to: EventTarget | null) => void;
  /** Goes so many rows on. */
  move: (by: number) => void;
  /** Brings the focus back to its row. */
  restore: () => void;
}

/** Which row has the focus, and that it keeps it. */
export function useTarget(
  tickets: readonly Ticket[],
  listKey: string,
  order: Order,
  body: RefObject<HTMLElement | null>,
  rowHeight: number,
): Target {
  const [target, setTarget] = useState<string | null>(null);
  const [holding, setHeld] = useState<(Held & { listKey: string }) | null>(null);
  // In another list, nothing is held.
  const held = holding?.listKey === listKey ? holding : null;
  const shown = useMemo(() => arranged(tickets, held, order), [tickets, held, order]);
  const lastPlace = useRef(0);
  const wanted = useRef<string | null>(null);

  useLiveEvent("ticket:updated", (ticket) => {
    setHeld((before) =>
      before?.ticket.id === ticket.id
        ? { ...before, latest: { ...before.latest, ...(ticket as Ticket) } }
        : before,
    );
  });

  const gone = useMemo(() => {
    const id = held?.ticket.id;
    return new Set(id !== undefined && !tickets.some((ticket) => ticket.id === id) ? [id] : []);
  }, [held, tickets]);

  useLayoutEffect(() => {
    const at = shown.findIndex(({ id }) => id === target);
    if (at >= 0) lastPlace.current = at;
    if (wanted.current !== null && focusRow(wanted.current)) wanted.current = null;
  });

  const focused = useCallback(
    (id: string) => {
      setTarget(id);
      setHeld((present) => {
        const before = present?.listKey === listKey ? present : null;
        if (before?.ticket.id === id) return before;
        const at = shown.findIndex((ticket) => ticket.id === id);
        const ticket = shown[at];
        if (!ticket) return null;
        const above = shown.slice(Math.max(0, at - BEFORE), at).map((one) => one.id);
        // The one that had the focus goes to its own place now, if it was not there.
        const isDisplaced = before !== null && arranged(tickets, before, order) !== tickets;
        const others = above.filter((one) => !isDisplaced || one !== before.ticket.id).toReversed();
        return { listKey, ticket, latest: ticket, before: others };
      });
    },
    [shown, tickets, order, listKey],
  );

  const blurred = useCallback(
    (to: EventTarget | null) => {
      const isKept = to instanceof Element && (body.current?.contains(to) || to.closest(`[${KEEPS_ROW}]`));
      if (!isKept) setHeld(null);
    },
    [body],
  );

  const goTo = useCallback(
    (place: number) => {
      const next = shown[Math.max(0, Math.min(place, shown.length - 1))];
      if (!next || !body.current) return;
      reveal(body.current, shown.indexOf(next), rowHeight);
      setTarget(next.id);
      wanted.current = focusRow(next.id) ? null : next.id;
    },
    [shown, body, rowHeight],
  );

  const move = useCallback(
    (by: number) => {
      const at = shown.findIndex(({ id }) => id === target);
      const isOn = body.current?.contains(document.activeElement) ?? false;
      // The first key goes to where one was, and not past it.
      if (at < 0 || !isOn) goTo(at < 0 ? Math.min(lastPlace.current, shown.length - 1) : at);
      else goTo(at + by);
    },
    [shown, target, body, goTo],
  );

  const restore = useCallback(() => {
    if (target !== null && focusRow(target)) return;
    goTo(lastPlace.current);
  }, [target, goTo]);

  return { shown, target, gone, focused, blurred, move, restore };
}
