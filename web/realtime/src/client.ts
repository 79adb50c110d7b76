import type { BackoffBounds } from "./backoff.js";
import { io } from "socket.io-client";
import { Connection, type Opener } from "./connection.js";
import { browser, type Environment } from "./environment.js";
import { type Arrived, type Gap, Positions } from "./positions.js";
import {
  type Availability,
  BROADCASTS,
  type ClientRequests,
  type Handshake,
  type ListWatch,
  type Meta,
  type Refused,
  type ServerEvents,
  type ViewingState,
  type Welcome,
} from "./protocol.js";
import type { Status } from "./status.js";
import type { PositionStorage } from "./storage.js";
import { type Wish, settle, Wishes } from "./wishes.js";

export interface RealtimeOptions {
  /** Where the server is, without the path. */
  url: string;
  /** A session's token, or what gives one for each attempt. Without it, the session cookie counts. */
  token?: string | (() => string | null | Promise<string | null>);
  /** Where the position is kept while the page is loaded anew. Without it, a page begins where the server is. */
  storage?: PositionStorage;
  /** The time between attempts. */
  backoff?: BackoffBounds;
  /** How long an attempt to connect may take, in milliseconds: 20,000 if not given. */
  attemptMs?: number;
  /** How long an answer to a request may take, in milliseconds: 10,000 if not given. */
  answerMs?: number;
  /** What is told of a listener that throws; the console's warning if not given. */
  onListenerError?: (error: unknown) => void;
  /** Further options of `io()` of socket.io-client. */
  socketOptions?: Record<string, unknown>;
  /** The world around; the browser's if not given. */
  environment?: Environment;
  /** What opens a socket; `io` of socket.io-client if not given. For tests. */
  open?: Opener;
}

type Answer<Request extends keyof ClientRequests> = ClientRequests[Request]["answer"] | Refused;
type Listener<Event extends keyof ServerEvents> = (...args: ServerEvents[Event]) => void;

/** A wish that the server refuses for good. */
export interface Lost {
  ticket?: string;
  list?: string;
  error: string;
}

/** What an application is told besides the server's events. */
interface Notices {
  gap: (gap: Gap) => void;
  lost: (lost: Lost) => void;
}

const broadcasts: ReadonlySet<string> = new Set(BROADCASTS);

/**
 * The live protocol's client: one connection that comes back, and misses nothing on the way.
 *
 * Every broadcast that the account may see reaches the listeners once and in order, however often the connection is
 * lost; where the server cannot tell everything, it says so by `resync`.
 */
export class RealtimeClient {
  readonly #options: RealtimeOptions;
  readonly #world: Environment;
  readonly #connection: Connection;
  readonly #positions: Positions;
  readonly #wishes = new Wishes<Answer<"join-ticket">, Answer<"list:watch">>();
  readonly #listeners = new Map<string, Set<(...args: never[]) => void>>();
  readonly #notices: { [Name in keyof Notices]: Set<Notices[Name]> } = { gap: new Set(), lost: new Set() };
  #duplicates = 0;
  /** What was asked for in the handshake of the present connection. */
  #asked: { tickets: string[]; lists: ListWatch[] } = { tickets: [], lists: [] };

  constructor(options: RealtimeOptions) {
    this.#options = options;
    this.#world = options.environment ?? browser();
    this.#positions = new Positions(options.storage);
    this.#connection = new Connection({
      open: options.open ?? io,
      url: options.url,
      environment: this.#world,
      backoff: options.backoff ?? {},
      attemptMs: options.attemptMs ?? 20_000,
      socketOptions: options.socketOptions ?? {},
      handshake: () => this.#handshake(),
      received: (event, args) => this.#received(event, args),
      lost: () => this.#wishes.disconnected(),
      listenerFailed: (error) => this.#listenerFailed(error),
    });
  }

  /** Begins to connect, and to connect again whenever that is needed. Gives back this client. */
  start(): this {
    this.#connection.start();
    return this;
  }

  /** Ends the connection. What was wished stays wished, if it is started again. */
  close(): void {
    this.#connection.close();
    const closed: Refused = { ok: false, error: "closed" };
    for (const wish of this.#wishes.tickets.values()) settle(wish, closed);
    for (const wish of this.#wishes.lists.values()) settle(wish, closed);
  }

  /** Tries at once: somebody pressed the button, or has signed in again after `unauthorized`. */
  retry(): void {
    this.#connection.retry();
  }

  /** Somebody else uses this tab from now on: what was seen and wished is forgotten, and the connection begun anew. */
  forget(): void {
    this.#positions.forget();
    const left: Refused = { ok: false, error: "left" };
    for (const ticket of [...this.#wishes.tickets.keys()]) this.#drop(ticket, left);
    for (const list of [...this.#wishes.lists.keys()]) this.#dropList(list, left);
    this.#wishes.availability = null;
    this.#connection.renew();
  }

  /** Calls `listener` with every event of this name from now on. Gives back what ends that. */
  on<Event extends keyof ServerEvents>(event: Event, listener: Listener<Event>): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    const added = listener as unknown as (...args: never[]) => void;
    listeners.add(added);
    return () => listeners.delete(added);
  }

  /** Calls `listener` when a ticket's version shows that something of it was not told. */
  onGap(listener: Notices["gap"]): () => void {
    this.#notices.gap.add(listener);
    return () => this.#notices.gap.delete(listener);
  }

  /** Calls `listener` when the server refuses for good what it was wished: the ticket is gone, or the right to it. */
  onLost(listener: Notices["lost"]): () => void {
    this.#notices.lost.add(listener);
    return () => this.#notices.lost.delete(listener);
  }

  /** The connection, at present. */
  readonly status = (): Status => this.#connection.status.get();

  /** Calls `listener` whenever the status changes. Gives back what ends that. */
  readonly onStatus = (listener: (status: Status) => void): (() => void) =>
    this.#connection.status.subscribe(listener);

  /** The last moment up to which everything had been told, in milliseconds since 1970; null if never. */
  get lastUpdated(): number | null {
    return this.#connection.lastUpdated;
  }

  /** The last position that was seen; null if none was. */
  get position(): number | null {
    return this.#positions.last;
  }

  /** The id of the present connection; undefined without one. */
  get id(): string | undefined {
    return this.#connection.socket.id;
  }

  /** How many broadcasts came twice and were dropped. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** The tickets in whose rooms this client is at present. */
  get joined(): string[] {
    return [...this.#wishes.tickets].filter(([, wish]) => wish.granted).map(([ticket]) => ticket);
  }

  /** Asks something of the server once. Without a connection, or without an answer in time, the answer is a refusal. */
  async request<Request extends keyof ClientRequests>(
    request: Request,
    ...args: ClientRequests[Request]["arguments"]
  ): Promise<Answer<Request>> {
    if (!this.#connection.isOpen) return { ok: false, error: "offline" };
    const { socket } = this.#connection;
    const answerMs = this.#options.answerMs ?? 10_000;
    return new Promise((resolve) => {
      const answered = (error: Error | null, answer: Answer<Request>) =>
        resolve(error ? { ok: false, error: "timeout" } : answer);
      socket.timeout(answerMs).emit(request, ...args, answered);
    });
  }

  /**
   * Wants to be in a ticket's room, on this connection and on all later ones, until everybody who wanted that has left
   * it. The answer comes when the server has decided, at the latest when the client is closed.
   */
  joinTicket(ticket: string): Promise<Answer<"join-ticket">> {
    const wish = this.#wishes.ticket(ticket);
    const isFirst = wish.holders === 1;
    if (wish.granted) return Promise.resolve({ ok: true, position: this.#positions.last ?? 0 });
    return new Promise((resolve) => {
      wish.waiting.push(resolve);
      if (isFirst) void this.#join(ticket);
    });
  }

  /** Does no longer want to be in the ticket's room. */
  leaveTicket(ticket: string): void {
    const wish = this.#wishes.tickets.get(ticket);
    if (!wish || --wish.holders > 0) return;
    this.#drop(ticket, { ok: false, error: "left" });
    void this.request("leave-ticket", ticket);
  }

  /** Watches a list, on this connection and on all later ones. The same name again replaces what was watched. */
  watchList(watch: ListWatch): Promise<Answer<"list:watch">> {
    const wish = this.#wishes.list(watch);
    this.#positions.unwatched(watch.list);
    return new Promise((resolve) => {
      wish.waiting.push(resolve);
      void this.#watch(watch.list);
    });
  }

  /** Watches a list no longer. */
  unwatchList(list: string): void {
    const wish = this.#wishes.lists.get(list);
    if (!wish) return;
    this.#dropList(list, { ok: false, error: "left" });
    void this.request("list:unwatch", { list });
  }

  /** Says whether somebody sits before this tab; said again after every reconnection. */
  setPresence(state: Availability): void {
    this.#wishes.availability = state;
    void this.request("presence", { state });
  }

  /** Says what this tab does with a ticket that it has joined; said again after every reconnection. */
  async setViewing(ticket: string, state: ViewingState): Promise<Answer<"viewing">> {
    const wish = this.#wishes.tickets.get(ticket);
    if (wish) wish.viewing = state === "closed" ? null : state;
    return this.request("viewing", { ticket, state });
  }

  async #handshake(): Promise<Handshake> {
    const { token } = this.#options;
    const given = typeof token === "function" ? await token() : token;
    const handshake: Handshake = {};
    if (given) handshake.token = given;
    if (this.#positions.last !== null) handshake.position = this.#positions.last;
    this.#asked = this.#wishes.handshake();
    if (this.#asked.tickets.length > 0) handshake.tickets = this.#asked.tickets;
    if (this.#asked.lists.length > 0) handshake.lists = this.#asked.lists;
    return handshake;
  }

  #received(event: string, args: unknown[]): void {
    if (broadcasts.has(event)) {
      const arrived = { event, object: args[0], meta: args[1] as Meta } as Arrived;
      return this.#broadcast(arrived, args);
    }
    const [frame] = args as [{ position: number }];
    switch (event) {
      case "welcome":
        this.#welcomed(frame as Welcome);
        break;
      case "caught-up":
      case "bookmark":
        this.#positions.reached(frame.position);
        break;
      case "resync":
        this.#positions.restart(frame.position);
        break;
    }
    this.#tell(this.#listeners.get(event), args);
  }

  #broadcast(arrived: Arrived, args: unknown[]): void {
    if (this.#positions.isDuplicate(arrived)) {
      this.#duplicates += 1;
      return;
    }
    const gap = this.#positions.gap(arrived, (ticket) => this.#wishes.tickets.get(ticket)?.granted === true);
    this.#tell(this.#listeners.get(arrived.event), args);
    // After the listeners: what they did not get to see is told again.
    this.#positions.saw(arrived);
    if (gap) this.#tell(this.#notices.gap, [gap]);
  }

  #welcomed(welcome: Welcome): void {
    // Whoever resumes gets there by `caught-up` or `resync`, and not before.
    if (this.#positions.last === null) this.#positions.reached(welcome.position);
    for (const { ticket, ok, error } of welcome.tickets) {
      // Left while the handshake was on its way.
      if (ok && !this.#wishes.tickets.has(ticket)) void this.request("leave-ticket", ticket);
      const answer = ok
        ? ({ ok: true, position: welcome.position } as const)
        : ({ ok: false, error: error ?? "unavailable" } as const);
      this.#decided(ticket, answer);
    }
    for (const { list, ok, error, position, counts } of welcome.lists) {
      const watch = this.#wishes.lists.get(list)?.watch;
      if (ok && !watch) void this.request("list:unwatch", { list });
      // Replaced while the handshake was on its way: the answer is about another list, and this one is asked for below.
      if (!watch || !this.#asked.lists.includes(watch)) continue;
      if (ok && position !== undefined && counts !== undefined) {
        this.#decidedList(list, { ok: true, position, counts });
        this.#tell(this.#listeners.get("list:counts"), [{ list, position, counts }]);
      } else {
        this.#decidedList(list, { ok: false, error: error ?? "unavailable" });
      }
    }
    this.#askForTheRest();
  }

  /** Asks for what was wished since the handshake, or did not fit into it, and says again what the server has forgotten. */
  #askForTheRest(): void {
    const { availability, tickets, lists } = this.#wishes;
    for (const ticket of tickets.keys()) {
      if (!this.#asked.tickets.includes(ticket)) void this.#join(ticket);
    }
    for (const [list, wish] of lists) {
      if (!this.#asked.lists.includes(wish.watch)) void this.#watch(list);
    }
    if (availability) void this.request("presence", { state: availability });
  }

  async #join(ticket: string): Promise<void> {
    const wish = this.#wishes.tickets.get(ticket);
    const connection = this.#connection.socket.id;
    if (!wish || !this.#connection.isOpen) return;
    const answer = await this.request("join-ticket", ticket);
    // Otherwise the next handshake has asked, or somebody has left and wished anew.
    const isPresent = this.#wishes.tickets.get(ticket) === wish && this.#connection.socket.id === connection;
    if (isPresent) this.#decided(ticket, answer);
  }

  #decided(ticket: string, answer: Answer<"join-ticket">): void {
    const wish = this.#wishes.tickets.get(ticket);
    if (!wish) return;
    if (answer.ok) {
      wish.granted = true;
      wish.retries = 0;
      settle(wish, answer);
      if (wish.viewing) void this.request("viewing", { ticket, state: wish.viewing });
    } else if (!this.#askLater(wish, answer, () => this.#join(ticket))) {
      this.#drop(ticket, answer);
      this.#tell(this.#notices.lost, [{ ticket, error: answer.error }]);
    }
  }

  async #watch(list: string): Promise<void> {
    const wish = this.#wishes.lists.get(list);
    const connection = this.#connection.socket.id;
    if (!wish || !this.#connection.isOpen) return;
    const answer = await this.request("list:watch", wish.watch);
    const isPresent = this.#wishes.lists.get(list) === wish && this.#connection.socket.id === connection;
    if (isPresent) this.#decidedList(list, answer);
  }

  #decidedList(list: string, answer: Answer<"list:watch">): void {
    const wish = this.#wishes.lists.get(list);
    if (!wish) return;
    if (answer.ok) {
      wish.granted = true;
      wish.retries = 0;
      settle(wish, answer);
    } else if (!this.#askLater(wish, answer, () => this.#watch(list))) {
      this.#dropList(list, answer);
      this.#tell(this.#notices.lost, [{ list, error: answer.error }]);
    }
  }

  /** Asks again later, if that may help: up to 30 s apart. False if the answer is final. */
  #askLater(wish: Wish<never>, { error, retryAfterMs }: Refused, ask: () => Promise<void>): boolean {
    if (error === "offline") return true;
    const helps =
      error === "unavailable" || error === "timeout" || (error === "limited" && retryAfterMs !== undefined);
    if (!helps) return false;
    const usual = Math.min(30_000, 1_000 * 2 ** wish.retries);
    wish.retries += 1;
    wish.retry?.();
    wish.retry = this.#world.after(Math.max(usual, retryAfterMs ?? 0), () => {
      wish.retry = null;
      void ask();
    });
    return true;
  }

  #drop(ticket: string, answer: Refused): void {
    const wish = this.#wishes.tickets.get(ticket);
    this.#wishes.tickets.delete(ticket);
    this.#positions.left(ticket);
    wish?.retry?.();
    if (wish) settle(wish, answer);
  }

  #dropList(list: string, answer: Refused): void {
    const wish = this.#wishes.lists.get(list);
    this.#wishes.lists.delete(list);
    this.#positions.unwatched(list);
    wish?.retry?.();
    if (wish) settle(wish, answer);
  }

  /** Tells everybody, whatever one of them does. */
  #tell(listeners: Iterable<(...args: never[]) => void> | undefined, args: unknown[]): void {
    for (const listener of [...(listeners ?? [])]) {
      try {
        listener(...(args as never[]));
      } catch (error) {
        this.#listenerFailed(error);
      }
    }
  }

  #listenerFailed(error: unknown): void {
    const report = this.#options.onListenerError;
    if (report) report(error);
    else this.#world.warn(`[Socket.IO] A listener failed: ${error}`);
  }
}
