import type { Availability, ListWatch, ViewingState } from "./protocol.js";

/** As many as the server takes in a handshake; the others are asked for one by one. */
export const TICKETS_PER_HANDSHAKE = 100;
export const LISTS_PER_HANDSHAKE = 8;

/** Something that the application wants to stay true, whatever becomes of connections. */
export interface Wish<Answer> {
  /** Whether the server has granted it on the present connection. */
  granted: boolean;
  /** Takes back that it is asked for again later. */
  retry: (() => void) | null;
  /** How often it was asked for again. */
  retries: number;
  /** Those who wait for the server's answer. */
  waiting: ((answer: Answer) => void)[];
}

export interface TicketWish<Answer> extends Wish<Answer> {
  /** How many parts of the application want it. */
  holders: number;
  /** What this tab does with the ticket, if the application said so. */
  viewing: ViewingState | null;
}

export interface ListWish<Answer> extends Wish<Answer> {
  watch: ListWatch;
}

/** Ends the waiting of everybody who waits for this wish. */
export function settle<Answer>(wish: Wish<Answer>, answer: Answer): void {
  for (const tell of wish.waiting.splice(0)) tell(answer);
}

/** All that the application wants of every connection. */
export class Wishes<TicketAnswer, ListAnswer> {
  readonly tickets = new Map<string, TicketWish<TicketAnswer>>();
  readonly lists = new Map<string, ListWish<ListAnswer>>();
  availability: Availability | null = null;

  /** Wants a ticket, once more. */
  ticket(ticket: string): TicketWish<TicketAnswer> {
    let wish = this.tickets.get(ticket);
    if (!wish) {
      wish = { ...newWish<TicketAnswer>(), holders: 0, viewing: null };
      this.tickets.set(ticket, wish);
    }
    wish.holders += 1;
    return wish;
  }

  /** Wants a list; whatever had this name is replaced. */
  list(watch: ListWatch): ListWish<ListAnswer> {
    const before = this.lists.get(watch.list);
    before?.retry?.();
    const wish = { ...newWish<ListAnswer>(), waiting: before?.waiting ?? [], watch };
    this.lists.set(watch.list, wish);
    return wish;
  }

  /** What a handshake asks for. */
  handshake(): { tickets: string[]; lists: ListWatch[] } {
    const lists = [...this.lists.values()].map((wish) => wish.watch);
    return {
      tickets: [...this.tickets.keys()].slice(0, TICKETS_PER_HANDSHAKE),
      lists: lists.slice(0, LISTS_PER_HANDSHAKE),
    };
  }

  /** The connection is gone, and with it all that was granted. */
  disconnected(): void {
    for (const wish of [...this.tickets.values(), ...this.lists.values()]) {
      wish.granted = false;
      wish.retry?.();
      wish.retry = null;
      wish.retries = 0;
    }
  }
}

function newWish<Answer>(): Wish<Answer> {
  return { granted: false, retry: null, retries: 0, waiting: [] };
}
