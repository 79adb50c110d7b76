import type { Meta, ServerEvents } from "./protocol.js";
import type { PositionStorage } from "./storage.js";

/** Something of a ticket was not told: what is shown of it must be fetched anew. */
export interface Gap {
  ticket: string;
  /** The version that was to come next. */
  expected: number;
  /** The version that came. */
  received: number;
  /** Where in the log it came. */
  position: number;
}

/** A broadcast with its object, as far as positions go. */
export interface Arrived {
  event: keyof ServerEvents;
  object: unknown;
  meta: Meta;
}

/** What this client has seen: the last position, the last one of each list, and the versions of tickets in whose rooms it is. */
export class Positions {
  readonly #storage: PositionStorage | undefined;
  #last: number | null;
  readonly #lists = new Map<string, number>();
  readonly #versions = new Map<string, number>();

  constructor(storage: PositionStorage | undefined) {
    this.#storage = storage;
    this.#last = storage?.load() ?? null;
  }

  /** What to resume from; null if nothing was ever seen. */
  get last(): number | null {
    return this.#last;
  }

  /**
   * Whether a broadcast was seen before. An event gives at most one broadcast and one change of each list, in this
   * order; a connection may be cut between them, so lists are counted apart.
   */
  isDuplicate({ event, object, meta }: Arrived): boolean {
    if (event === "list:changed") return meta.position <= (this.#lists.get(listOf(object)) ?? -1);
    return this.#last !== null && meta.position <= this.#last;
  }

  /** Remembers a broadcast that has been handed to the application. */
  saw({ event, object, meta }: Arrived): void {
    if (event === "list:changed") this.#lists.set(listOf(object), meta.position);
    this.reached(meta.position);
  }

  /**
   * Compares a broadcast's version with the one before, if the client is in the ticket's room: there, each event of the
   * ticket that it may know of is told, and versions have no holes.
   */
  gap({ event, object, meta }: Arrived, isInRoom: (ticket: string) => boolean): Gap | null {
    const ticket = ticketOf(event, object);
    if (ticket === null) return null;
    const before = this.#versions.get(ticket);
    // A ticket that was deleted while the client was away is told of as deleted only.
    if (event === "ticket:deleted" || !isInRoom(ticket)) {
      this.#versions.delete(ticket);
      return null;
    }
    this.#versions.set(ticket, meta.version);
    const isGap = before !== undefined && meta.version > before + 1;
    return isGap ? { ticket, expected: before + 1, received: meta.version, position: meta.position } : null;
  }

  /** The client is in the ticket's room no longer. */
  left(ticket: string): void {
    this.#versions.delete(ticket);
  }

  /** The list is watched no longer, or watched anew. */
  unwatched(list: string): void {
    this.#lists.delete(list);
  }

  /** Nothing up to `position` is missing. */
  reached(position: number): void {
    if (this.#last === null || position > this.#last) this.#become(position);
  }

  /** What is shown is fetched anew; everything after `position` is told. It may be an earlier one: another log. */
  restart(position: number): void {
    this.#versions.clear();
    this.#lists.clear();
    this.#become(position);
  }

  /** Nothing was ever seen: somebody else signs in. */
  forget(): void {
    this.#versions.clear();
    this.#lists.clear();
    this.#become(null);
  }

  #become(position: number | null): void {
    this.#last = position;
    this.#storage?.save(position);
  }
}

function listOf(object: unknown): string {
  return (object as { list: string }).list;
}

/** Which ticket's version a broadcast carries; null if none. */
function ticketOf(event: keyof ServerEvents, object: unknown): string | null {
  switch (event) {
    case "ticket:created":
    case "ticket:updated":
    case "ticket:deleted":
      return (object as { id: string }).id;
    case "comment:added":
    case "attachment:added":
      return (object as { ticketId: string }).ticketId;
    default:
      return null;
  }
}
