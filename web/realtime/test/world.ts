// A world whose clock stands still unless a test moves it, and a socket that does what a test says.
import type { Opener } from "../src/connection.js";
import type { Environment, EnvironmentChange } from "../src/environment.js";
import { RealtimeClient, type RealtimeOptions } from "../src/client.js";
import type { Handshake, Welcome } from "../src/protocol.js";

export class World implements Environment {
  time = 1_000_000;
  /** By how much somebody has set the clock of what is shown. */
  setBy = 0;
  online = true;
  chance = 0.5;
  readonly lines: string[] = [];
  #timers: { at: number; then: () => void }[] = [];
  #listeners = new Map<EnvironmentChange, Set<() => void>>();

  now = (): number => this.time + this.setBy;
  elapsed = (): number => this.time;
  random = (): number => this.chance;
  isOnline = (): boolean => this.online;
  log = (line: string): void => void this.lines.push(line);
  warn = (line: string): void => void this.lines.push(line);

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.time + ms, then };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
  }

  on(change: EnvironmentChange, then: () => void): () => void {
    const listeners = this.#listeners.get(change) ?? new Set();
    this.#listeners.set(change, listeners.add(then));
    return () => listeners.delete(then);
  }

  /** How many listen to the world. */
  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, listeners) => sum + listeners.size, 0);
  }

  /** What the browser says. */
  say(change: EnvironmentChange): void {
    if (change !== "visible") this.online = change === "online";
    for (const listener of [...(this.#listeners.get(change) ?? [])]) listener();
  }

  /** Moves the clock, and lets everything happen that is due on the way. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await settled();
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.at);
      next.then();
    }
    this.time = end;
  }
}

/** Lets promises that are settled be heard of. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

type Handler = (...args: never[]) => void;
type Answer = (...args: unknown[]) => unknown;

/** As much of socket.io-client's Socket as the client uses, with the same habits. */
export class FakeSocket {
  id: string | undefined;
  connected = false;
  active = false;
  /** When it began to connect, by the world's clock. */
  readonly attempts: number[] = [];
  readonly handshakes: Handshake[] = [];
  readonly sent: unknown[][] = [];
  /** What the server answers to a request; nothing if undefined. */
  answer: Answer = () => ({ ok: true });
  #handlers = new Map<string, Handler[]>();
  #any: ((event: string, ...args: unknown[]) => void)[] = [];
  #pings: (() => void)[] = [];
  #connections = 0;
  #pending: ((error: Error) => void)[] = [];
  readonly io = { on: (_: "ping", then: () => void) => void this.#pings.push(then) };

  constructor(
    readonly world: World,
    readonly options: { auth: (give: (handshake: Handshake) => void) => void },
  ) {}

  on(event: string, handler: Handler): void {
    this.#handlers.set(event, [...(this.#handlers.get(event) ?? []), handler]);
  }

  onAny(handler: (event: string, ...args: unknown[]) => void): void {
    this.#any.push(handler);
  }

  connect(): void {
    if (this.active) throw new Error("it would send CONNECT twice");
    this.active = true;
    this.attempts.push(this.world.elapsed());
  }

  disconnect(): void {
    this.active = false;
    if (this.connected) this.#end("io client disconnect");
  }

  timeout(_: number) {
    return {
      emit: (...args: unknown[]) => {
        const answered = args.pop() as (error: Error | null, answer?: unknown) => void;
        this.sent.push(args);
        const answer = this.answer(...args);
        if (answer === undefined) this.#pending.push(answered);
        else queueMicrotask(() => answered(null, answer));
      },
    };
  }

  #call(event: string, ...args: unknown[]): void {
    for (const handler of this.#handlers.get(event) ?? []) handler(...(args as never[]));
  }

  #end(reason: string): void {
    this.connected = false;
    this.id = undefined;
    this.#call("disconnect", reason);
    for (const fail of this.#pending.splice(0)) fail(new Error("gone"));
  }

  // What the other end does:

  /** Connects it; the welcome is a step of its own. */
  async accept(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.options.auth((handshake) => {
        this.handshakes.push(handshake);
        resolve();
      });
    });
    this.connected = true;
    this.#connections += 1;
    this.id = `id-${this.#connections}`;
    this.#call("connect");
  }

  /** Connects and welcomes it, granting all that it asked for. */
  async welcome(welcome: Partial<Welcome> = {}): Promise<void> {
    await this.accept();
    const { tickets = [], lists = [] } = this.handshakes.at(-1) ?? {};
    this.tell("welcome", {
      position: 10,
      replaying: false,
      tickets: tickets.map((ticket) => ({ ticket, ok: true })),
      lists: lists.map(({ list }) => ({
        list,
        ok: true,
        position: 10,
        counts: { total: 0, byStatus: {}, byPriority: {} },
      })),
      ...welcome,
    });
    await settled();
  }

  tell(event: string, ...args: unknown[]): void {
    for (const handler of this.#any) handler(event, ...args);
  }

  ping(): void {
    for (const then of this.#pings) then();
  }

  /** The way to the server fails. */
  fail(message = "websocket error"): void {
    this.#call("connect_error", new Error(message));
  }

  /** The server says no. */
  refuse(message: string): void {
    this.active = false;
    this.#call("connect_error", new Error(message));
  }

  /** The connection is lost. */
  lose(reason = "transport close"): void {
    if (reason === "io server disconnect") this.active = false;
    this.#end(reason);
  }
}

/** A client in a world of its own. */
export function client(options: Partial<RealtimeOptions> = {}) {
  const world = new World();
  let socket: FakeSocket | undefined;
  const open: Opener = (_, given) => {
    socket = new FakeSocket(world, given as never);
    return socket as never;
  };
  const realtime = new RealtimeClient({ url: "http://desk", environment: world, open, ...options });
  if (!socket) throw new Error("no socket was opened");
  return { world, socket: socket as FakeSocket, realtime };
}

/** A broadcast's second argument. */
export function meta(position: number, version = 1) {
  return { position, version, eventId: "e", occurredAt: "2026-01-01T00:00:00.000Z", actor: null };
}
