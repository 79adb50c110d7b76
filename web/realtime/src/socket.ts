import type { Socket } from "socket.io-client";
import type { Opener } from "./connection.js";
import { WebSocketLine } from "./websocket.js";

type Listener = (...args: never[]) => void;
type Any = (event: string, ...args: unknown[]) => void;

/** What a connection needs of `Socket` of socket.io-client. */
interface Line {
  id: string | undefined;
  active: boolean;
  connect(): void;
  disconnect(): void;
  timeout(ms: number): { emit(event: string, ...args: unknown[]): void };
}

/** What a line tells. */
export interface Told {
  connect: () => void;
  disconnect: (reason: string) => void;
  /** Why there is no connection; `isAnswer` if the server said so. */
  connect_error: (error: Error) => void;
  ping: () => void;
  event: (event: string, args: unknown[]) => void;
}

/**
 * Opens sockets over a websocket by itself, which takes a tenth of what socket.io-client needs; that one is loaded only
 * where no websocket gets through, and connects by long polling then.
 */
export const openSocket: Opener = (url, options) => {
  const listeners = new Map<string, Set<Listener>>();
  const anys = new Set<Any>();
  const tell = (event: string, ...args: unknown[]) => {
    for (const listener of [...(listeners.get(event) ?? [])]) listener(...(args as never[]));
  };
  const told: Told = {
    connect: () => tell("connect"),
    disconnect: (reason) => tell("disconnect", reason),
    connect_error: (error) => tell("connect_error", error),
    ping: () => tell("ping"),
    event: (event, args) => {
      for (const any of [...anys]) any(event, ...args);
    },
  };
  const auth = options.auth as (give: (handshake: object) => void) => void;

  let polling: Socket | null = null;
  /** Which attempt is wanted; null: none. */
  let wanted: object | null = null;
  let line: Line;

  /** No websocket came about: perhaps long polling gets through. */
  const poll = async (error: Error): Promise<void> => {
    const attempt = wanted;
    try {
      const { io } = await import("socket.io-client");
      if (attempt === null || wanted !== attempt) return;
      polling ??= io(url, { ...options, transports: ["polling"] });
      const socket = polling;
      if (socket.active) socket.disconnect();
      socket.off();
      socket.offAny();
      socket.io.off();
      socket.on("connect", told.connect);
      socket.on("disconnect", (reason) => {
        // The next attempt begins with a websocket again.
        line = direct;
        told.disconnect(reason);
      });
      socket.on("connect_error", (failure) => {
        const isAnswer = !socket.active;
        if (!isAnswer) socket.disconnect();
        line = isAnswer ? socket : direct;
        told.connect_error(failure);
      });
      socket.onAny((event: string, ...args: unknown[]) => told.event(event, args));
      socket.io.on("ping", told.ping);
      line = socket;
      socket.connect();
    } catch {
      // It could not be loaded either.
      if (attempt !== null && wanted === attempt) told.connect_error(error);
    }
  };
  const direct = new WebSocketLine(url, auth, { ...told, unreachable: (error) => void poll(error) });
  line = direct;

  const on = (event: string, listener: Listener) => {
    const all = listeners.get(event) ?? new Set();
    listeners.set(event, all.add(listener));
  };
  const socket = {
    get id() {
      return line.id;
    },
    get active() {
      return line.active;
    },
    on,
    onAny: (any: Any) => void anys.add(any),
    io: { on },
    connect() {
      wanted = {};
      line = direct;
      direct.connect();
    },
    disconnect() {
      wanted = null;
      line.disconnect();
    },
    timeout: (ms: number) => line.timeout(ms),
  };
  return socket as unknown as Socket;
};
