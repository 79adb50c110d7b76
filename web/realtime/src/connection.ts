import type { ManagerOptions, Socket, SocketOptions } from "socket.io-client";
import { type BackoffBounds, backoffMs } from "./backoff.js";
import type { Environment } from "./environment.js";
import type { Handshake, Welcome } from "./protocol.js";
import { type ConnectionState, type Status, StatusStore } from "./status.js";

/** Two attempts that the browser's news cause are at least this far apart. */
const HASTE_MS = 1_000;
/** How much later than asked a stop may bring the end and still explain it. */
const STOP_TAKES_MS = 60_000;

/** What opens a socket: `io` of socket.io-client, or a test's own. */
export type Opener = (url: string, options: Partial<ManagerOptions & SocketOptions>) => Socket;

export interface ConnectionOptions {
  open: Opener;
  /** Where the server is, without the path. */
  url: string;
  environment: Environment;
  backoff: BackoffBounds;
  /** How long an attempt may take, up to the server's first frame. */
  attemptMs: number;
  /** Further options of `io()`. */
  socketOptions: Record<string, unknown>;
  /** What to begin with; asked at each attempt. */
  handshake(): Promise<Handshake> | Handshake;
  /** Every event that arrives, in order. */
  received(event: string, args: unknown[]): void;
  /** The connection is gone. */
  lost(): void;
  /** A listener of the status has thrown. */
  listenerFailed(error: unknown): void;
}

/** What the connection is about. */
type Phase =
  | { name: "closed" }
  /** An attempt is under way. */
  | { name: "attempting"; cancel: () => void }
  /** The server has welcomed this client. */
  | { name: "open"; catchingUp: boolean }
  /** Until the next attempt. `held`: by the server's wish, so that nothing makes it come earlier. */
  | { name: "waiting"; at: number; held: boolean; cancel: () => void }
  /** The server does not want this client, until the application says that something has changed. */
  | { name: "refused"; reason: string };

/** One connection after another, for as long as it is wanted: when to try, and what is shown of that. */
export class Connection {
  readonly socket: Socket;
  readonly status: StatusStore;
  readonly #options: ConnectionOptions;
  readonly #world: Environment;
  #phase: Phase = { name: "closed" };
  #attempt = 0;
  #attemptedAt = Number.NEGATIVE_INFINITY;
  #lastUpdated: number | null = null;
  /** When the server said that it stops, and when it wants this client back. */
  #stop: { saidAt: number; reconnectInMs: number } | null = null;
  #endings: (() => void)[] = [];

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#world = options.environment;
    this.status = new StatusStore(options.listenerFailed);
    this.socket = options.open(options.url, {
      // Websocket first; polling where it does not get through.
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      ...options.socketOptions,
      autoConnect: false,
      forceNew: true,
      reconnection: false,
      timeout: options.attemptMs,
      auth: (give) => void this.#begin(give),
    });
    this.socket.on("connect", () => this.#world.log(`[Socket.IO] Connected successfully: ${this.socket.id}`));
    this.socket.on("disconnect", (reason) => this.#disconnected(reason));
    this.socket.on("connect_error", (error) => this.#failed(error.message));
    this.socket.onAny((event: string, ...args: unknown[]) => this.#received(event, args));
    this.socket.io.on("ping", () => this.#heard());
  }

  /** Passes the handshake, unless the attempt that asked for it is over by then. */
  async #begin(give: (handshake: Handshake) => void): Promise<void> {
    const attempt = this.#phase;
    try {
      const handshake = await this.#options.handshake();
      if (this.#phase === attempt) give(handshake);
    } catch (error) {
      if (this.#phase === attempt) this.#failed(`no handshake: ${error}`);
    }
  }

  get isOpen(): boolean {
    return this.#phase.name === "open";
  }

  /** When everything had been told last, in milliseconds since 1970. */
  get lastUpdated(): number | null {
    return this.#lastUpdated;
  }

  start(): void {
    if (this.#phase.name !== "closed") return;
    this.#world.log(`[Socket.IO] Connecting to: ${this.#options.url}`);
    this.#endings = [
      this.#world.on("online", () => this.#haste(true)),
      this.#world.on("visible", () => this.#haste(false)),
      this.#world.on("offline", () => this.#networkLost()),
    ];
    this.#try();
  }

  close(): void {
    if (this.#phase.name === "closed") return;
    this.#world.log("[Socket.IO] Cleaning up connection");
    for (const end of this.#endings.splice(0)) end();
    this.#enter({ name: "closed" });
    this.#attempt = 0;
    this.socket.disconnect();
    this.#show();
  }

  /** Tries at once, whatever was in the way. Does nothing while connected or closed. */
  retry(): void {
    if (this.#phase.name === "waiting" || this.#phase.name === "refused") {
      this.#attempt = 0;
      this.#try();
    }
  }

  /** Gives the connection up, or the attempt at one, and begins a new one at once. Does nothing while closed. */
  renew(): void {
    if (this.#phase.name === "closed") return;
    this.socket.disconnect();
    this.#attempt = 0;
    this.#try();
  }

  #enter(phase: Phase): void {
    if ("cancel" in this.#phase) this.#phase.cancel();
    this.#phase = phase;
  }

  #try(): void {
    this.#attempt += 1;
    this.#attemptedAt = this.#world.elapsed();
    const cancel = this.#world.after(this.#options.attemptMs, () => this.#failed("timeout"));
    this.#enter({ name: "attempting", cancel });
    this.#show();
    // A socket that is still about to connect must not begin a second time.
    if (this.socket.active) this.socket.disconnect();
    this.socket.connect();
  }

  #failed(message: string): void {
    if (this.#phase.name !== "attempting") return;
    this.#world.warn(`[Socket.IO] Connection error: ${message}`);
    // Inactive means that the server itself answered; otherwise the way to it failed.
    const isAnswer = !this.socket.active;
    if (isAnswer && (message === "unauthorized" || message.startsWith("bad request"))) {
      this.#enter({ name: "refused", reason: message });
      this.#show();
    } else {
      const limited = isAnswer ? /^limited: [a-z-]+; retry in (\d+) ms$/.exec(message) : null;
      this.#wait(limited ? Number(limited[1]) : 0);
    }
    this.socket.disconnect();
  }

  #disconnected(reason: string): void {
    this.#world.log(`[Socket.IO] Disconnected: ${reason}`);
    this.#options.lost();
    if (this.#phase.name === "attempting") {
      // Connected, but gone before the welcome.
      this.#wait(0);
    } else if (this.#phase.name === "open") {
      this.#attempt = 0;
      const stop = this.#stop;
      this.#stop = null;
      const isByPlan = stop !== null && this.#world.elapsed() - stop.saidAt < STOP_TAKES_MS;
      if (isByPlan) this.#waitFor(stop.reconnectInMs, true);
      else if (reason !== "io client disconnect") this.#wait(0);
    }
  }

  /** Waits for the next attempt, at least `leastMs`. */
  #wait(leastMs: number): void {
    const { backoff } = this.#options;
    const random = this.#world.random();
    // Without a network, attempts fail at once; but browsers are sometimes wrong about that.
    const usual = this.#world.isOnline()
      ? backoffMs(this.#attempt + 1, random, backoff)
      : (backoff.maxMs ?? 30_000);
    // What a limit asks for is spread as well: others were told the same.
    this.#waitFor(Math.max(usual, Math.round(leastMs * (1 + random / 4))), false);
  }

  #waitFor(ms: number, held: boolean): void {
    const at = this.#world.elapsed() + ms;
    const tick = () => {
      const left = at - this.#world.elapsed();
      if (left <= 0) return this.#try();
      // To the next whole second, so that a countdown counts down.
      const step = left % 1_000 || 1_000;
      this.#enter({ name: "waiting", at, held, cancel: this.#world.after(step, tick) });
      this.#show();
    };
    tick();
  }

  /** The browser says that an attempt is worth while now. */
  #haste(isNewNetwork: boolean): void {
    if (this.#phase.name !== "waiting" || this.#phase.held) return;
    if (isNewNetwork) this.#attempt = 0;
    const earliest = this.#attemptedAt + HASTE_MS;
    const now = this.#world.elapsed();
    if (now >= earliest) this.#try();
    else if (this.#phase.at > earliest) this.#waitFor(earliest - now, false);
  }

  #networkLost(): void {
    // Nobody would hear of an attempt that goes nowhere before its time is up, though another network comes earlier.
    if (this.#phase.name === "attempting") this.#failed("no network");
    else if (this.#phase.name === "waiting" && !this.#phase.held) this.#wait(0);
  }

  #heard(): void {
    this.#lastUpdated = this.#world.now();
  }

  #received(event: string, args: unknown[]): void {
    switch (event) {
      case "welcome": {
        const welcome = args[0] as Welcome;
        this.#attempt = 0;
        // Haste is limited after attempts that failed.
        this.#attemptedAt = Number.NEGATIVE_INFINITY;
        this.#stop = null;
        this.#enter({ name: "open", catchingUp: welcome.replaying });
        break;
      }
      case "caught-up":
      case "resync":
        if (this.#phase.name === "open") this.#phase.catchingUp = false;
        break;
      case "server:stopping":
        this.#noteStop(args[0]);
        break;
    }
    const isCatchingUp = this.#phase.name === "open" && this.#phase.catchingUp;
    if (!isCatchingUp) this.#heard();
    this.#options.received(event, args);
    this.#show();
  }

  #noteStop(stopping: unknown): void {
    const { reconnectInMs } = stopping as { reconnectInMs: number };
    this.#stop = { saidAt: this.#world.elapsed(), reconnectInMs: Math.min(reconnectInMs, STOP_TAKES_MS) };
  }

  #show(): void {
    this.status.set(this.#present());
  }

  #present(): Status {
    const make = (
      state: ConnectionState,
      attempt = 0,
      retryInSeconds: number | null = null,
      reason: string | null = null,
    ): Status => {
      // While connected it would be another one with every frame.
      const lastUpdated =
        state === "connected" && this.status.get().state === "connected"
          ? this.status.get().lastUpdated
          : this.#lastUpdated;
      return { state, attempt, retryInSeconds, lastUpdated, reason };
    };
    const phase = this.#phase;
    switch (phase.name) {
      case "closed":
        return make("offline", 0, null, "closed");
      case "refused":
        return make("offline", this.#attempt, null, phase.reason);
      case "open":
        return make(phase.catchingUp ? "catching-up" : "connected");
      case "attempting":
        return make("reconnecting", this.#attempt);
      case "waiting": {
        const seconds = Math.ceil((phase.at - this.#world.elapsed()) / 1_000);
        return this.#world.isOnline()
          ? make("reconnecting", this.#attempt + 1, seconds)
          : make("offline", this.#attempt + 1, seconds, "no network");
      }
    }
  }
}
