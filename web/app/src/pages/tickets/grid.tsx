import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
} from "react";
import type { Ticket } from "@/api/schema";
import type { Unsent } from "@/lib/outbox";
import { type PendingChange, withPending } from "@/lib/ticket-change";
import { Row, rowId } from "./row";
import { useIsWide, useWindow } from "./use-window";

/** What covers the top of the window: the header that stays. */
const COVERED = 64;

interface GridProps {
  body: RefObject<HTMLDivElement | null>;
  name: string;
  tickets: readonly Ticket[];
  total: number;
  header: ReactNode;
  rowHeight: number;
  isAgent: boolean;
  hrefOf: (ticket: string) => string;
  /** Which list it is: of another one, nothing stays in place. */
  listKey: string;
  /** The row that the keyboard is at. */
  target: string | null;
  selected: ReadonlySet<string>;
  fresh: ReadonlySet<string>;
  gone: ReadonlySet<string>;
  viewers: ReadonlyMap<string, string>;
  pending: readonly PendingChange[];
  unsent: readonly Unsent[];
  onFocus: (ticket: string) => void;
  onBlur: (to: EventTarget | null) => void;
  onToggle: (ticket: string, isRange: boolean) => void;
  onKeyDown: (event: KeyboardEvent, ticket: string) => void;
  /** Somebody is about to open it. */
  onNear: (ticket: string) => void;
  onLook: (reach: number, ids: readonly string[]) => void;
}

/** The rows of a list, of which only those are drawn that can be seen. */
export function Grid(props: GridProps) {
  const { tickets, rowHeight, isAgent, target, listKey, onLook } = props;
  const { body } = props;
  const isWide = useIsWide();
  const { from, to } = useWindow(body, tickets.length, rowHeight);
  useAnchor(body, props);

  useEffect(() => {
    const ids = tickets.slice(from, to).map(({ id }) => id);
    onLook(to, ids);
  }, [tickets, from, to, onLook]);

  const targetAt = target === null ? -1 : tickets.findIndex(({ id }) => id === target);
  const places: number[] = [];
  for (let place = from; place < Math.min(to, tickets.length); place += 1) places.push(place);
  // The focus is never lost because its row is scrolled away.
  if (targetAt >= 0 && (targetAt < from || targetAt >= to)) places.push(targetAt);

  const ticketOf = (event: { target: EventTarget }): string | null =>
    (event.target as Element).closest<HTMLElement>("[data-ticket]")?.dataset["ticket"] ?? null;
  const near = (event: { target: EventTarget }) => {
    const ticket = ticketOf(event);
    if (ticket) props.onNear(ticket);
  };
  const clicked = (event: MouseEvent) => {
    const ticket = ticketOf(event);
    if (ticket && event.target instanceof HTMLInputElement) props.onToggle(ticket, event.shiftKey);
  };

  return (
    // oxlint-disable-next-line jsx-a11y/interactive-supports-focus, jsx-a11y/click-events-have-key-events -- the rows have the focus, and the keys
    <div
      role="grid"
      aria-label={props.name}
      aria-rowcount={props.total + 1}
      aria-multiselectable={isAgent ? true : undefined}
      onFocus={(event) => {
        const ticket = ticketOf(event);
        if (ticket) props.onFocus(ticket);
        near(event);
      }}
      onBlur={(event) => props.onBlur(event.relatedTarget)}
      onClick={clicked}
      onPointerOver={near}
      onKeyDown={(event) => {
        const ticket = ticketOf(event);
        if (ticket) props.onKeyDown(event, ticket);
      }}
    >
      <div role="rowgroup">{props.header}</div>
      <div
        ref={body}
        role="rowgroup"
        key={listKey}
        className="relative [overflow-anchor:none]"
        style={{ height: tickets.length * rowHeight }}
      >
        {places.map((place) => {
          const shown = withPending(tickets[place]!, props.pending, props.unsent);
          const { id } = shown.ticket;
          return (
            <Row
              key={id}
              ticket={shown.ticket}
              isUnsent={shown.isUnsent}
              place={place}
              height={rowHeight}
              href={props.hrefOf(id)}
              isWide={isWide}
              isAgent={isAgent}
              isTarget={targetAt < 0 ? place === 0 : place === targetAt}
              isSelected={props.selected.has(id)}
              isFresh={props.fresh.has(id)}
              isGone={props.gone.has(id)}
              viewers={props.viewers.get(id) ?? ""}
            />
          );
        })}
      </div>
    </div>
  );
}

/** What somebody looks at stays where it is on the screen, whatever enters or leaves above it. */
function useAnchor(body: RefObject<HTMLElement | null>, { tickets, rowHeight, listKey }: GridProps): void {
  const before = useRef({ tickets, listKey });
  useLayoutEffect(() => {
    const { tickets: old, listKey: oldKey } = before.current;
    before.current = { tickets, listKey };
    const list = body.current;
    if (!list || old === tickets || oldKey !== listKey) return;
    const top = list.getBoundingClientRect().top;
    const isOnScreen = (place: number) => {
      const y = top + place * rowHeight;
      return place >= 0 && y + rowHeight > COVERED && y < window.innerHeight;
    };
    const placeOf = (row: Element | null) => {
      const id = row?.closest<HTMLElement>("[data-ticket]")?.dataset["ticket"];
      return id === undefined ? -1 : old.findIndex((ticket) => ticket.id === id);
    };
    let place = placeOf(list.contains(document.activeElement) ? document.activeElement : null);
    if (!isOnScreen(place)) place = placeOf(list.querySelector("[data-ticket]:hover"));
    // Whoever is at the top wants to see what is new there.
    if (!isOnScreen(place)) place = top < COVERED ? Math.ceil((COVERED - top) / rowHeight) : -1;
    if (!isOnScreen(place)) return;
    const places = new Map(tickets.map((ticket, at) => [ticket, at]));
    // If it has changed itself and perhaps moved, or is gone, what stood below it tells how far everything else moved.
    for (let at = place; at < Math.min(place + 50, old.length); at += 1) {
      const now = places.get(old[at]!);
      if (now === undefined) continue;
      const moved = (now - at) * rowHeight;
      if (moved !== 0) window.scrollBy(0, moved);
      return;
    }
  }, [body, tickets, rowHeight, listKey]);
}

/** Brings a row onto the screen, without more scrolling than needed. */
export function reveal(body: HTMLElement, place: number, rowHeight: number): void {
  const top = body.getBoundingClientRect().top + place * rowHeight;
  const lowest = window.innerHeight - rowHeight - COVERED;
  if (top < COVERED) window.scrollBy(0, top - COVERED);
  else if (top > lowest) window.scrollBy(0, top - lowest);
}

/** The focus goes to a row that is drawn. False if it is not. */
export function focusRow(ticket: string): boolean {
  const row = document.getElementById(rowId(ticket));
  row?.focus({ preventScroll: true });
  return row !== null;
}
