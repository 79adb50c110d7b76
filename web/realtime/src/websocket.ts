import type { Told } from "./socket.js";

/** What Engine.IO says first. */
interface Opening {
  pingInterval: number;
  pingTimeout: number;
}

type Acknowledged = (error: Error | null, answer?: unknown) => void;

/** What is told besides: that no websocket came about at all. */
export interface Notices extends Told {
  unreachable: (error: Error) => void;
}

/**
 * Socket.IO (protocol 5) over Engine.IO (protocol 4) over one websocket after another, as far as texts go: what Informejo
 * speaks. It behaves as `Socket` of socket.io-client does.
 */
export class WebSocketLine {
  readonly #url: string;
  readonly #auth: (give: (handshake: object) => void) => void;
  readonly #told: Notices;
  readonly #acknowledged = new Map<number, Acknowledged>();
  #socket: WebSocket | null = null;
  #opening: Opening | null = null;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #acknowledgements = 0;

  id: string | undefined;
  active = false;

  constructor(url: string, auth: (give: (handshake: object) => void) => void, told: Notices) {
    this.#url = url;
    this.#auth = auth;
    this.#told = told;
  }

  connect(): void {
    if (this.#socket) return;
    this.active = true;
    this.#opening = null;
    const url = `${this.#url.replace(/^http/, "ws").replace(/\/$/, "")}/socket.io/?EIO=4&transport=websocket`;
    let socket: WebSocket;
    try {
      socket = new WebSocket(url);
    } catch (error) {
      this.#told.unreachable(error as Error);
      return;
    }
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket === socket) this.#heard(String(data));
    });
    socket.addEventListener("close", () => this.#lost(socket, "transport close"));
    // A websocket does not notice for long that the network is gone.
    globalThis.addEventListener?.("offline", this.#networkLost);
  }

  disconnect(): void {
    this.active = false;
    const socket = this.#socket;
    if (!socket) return;
    if (this.id !== undefined) this.#send("41");
    this.#lost(socket, "io client disconnect");
    socket.close();
  }

  timeout(ms: number): { emit(event: string, ...args: unknown[]): void } {
    return {
      emit: (event, ...args) => {
        const then = args.pop() as Acknowledged;
        const number = (this.#acknowledgements += 1);
        const timer = setTimeout(() => {
          this.#acknowledged.delete(number);
          then(new Error("operation has timed out"));
        }, ms);
        this.#acknowledged.set(number, (error, answer) => {
          clearTimeout(timer);
          then(error, answer);
        });
        this.#send(`42${number}${JSON.stringify([event, ...args])}`);
      },
    };
  }

  #send(packet: string): void {
    if (this.#socket?.readyState === 1) this.#socket.send(packet);
  }

  #heard(packet: string): void {
    switch (packet[0]) {
      case "0":
        this.#opening = JSON.parse(packet.slice(1)) as Opening;
        this.#listen();
        this.#begin();
        break;
      case "1":
        this.#end("transport close");
        break;
      case "2":
        this.#listen();
        this.#send(`3${packet.slice(1)}`);
        this.#told.ping();
        break;
      case "4":
        this.#message(packet[1], packet.slice(2));
        break;
    }
  }

  #begin(): void {
    const socket = this.#socket;
    this.#auth((handshake) => {
      if (this.#socket === socket) this.#send(`40${JSON.stringify(handshake)}`);
    });
  }

  #message(type: string | undefined, rest: string): void {
    switch (type) {
      case "0":
        this.id = (JSON.parse(rest) as { sid: string }).sid;
        this.#told.connect();
        break;
      case "1":
        this.active = false;
        this.#end("io server disconnect");
        break;
      case "2": {
        const [event, ...args] = JSON.parse(rest) as [string, ...unknown[]];
        if (this.id !== undefined) this.#told.event(event, args);
        break;
      }
      case "3": {
        const [, number, answer] = /^(\d+)(.*)$/s.exec(rest) ?? [];
        const then = this.#acknowledged.get(Number(number));
        this.#acknowledged.delete(Number(number));
        then?.(null, (JSON.parse(answer ?? "[]") as unknown[])[0]);
        break;
      }
      case "4": {
        // The server itself does not want this client.
        const { message } = JSON.parse(rest) as { message: string };
        const socket = this.#socket;
        this.active = false;
        this.#forget();
        socket?.close();
        this.#told.connect_error(new Error(message));
        break;
      }
    }
  }

  /** A server that has not pinged in time is not there any more, whatever the network says. */
  #listen(): void {
    clearTimeout(this.#silence);
    const { pingInterval, pingTimeout } = this.#opening!;
    this.#silence = setTimeout(() => this.#end("ping timeout"), pingInterval + pingTimeout);
  }

  readonly #networkLost = () => this.#end("transport close");

  #end(reason: string): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#lost(socket, reason);
    socket.close();
  }

  #forget(): void {
    this.#socket = null;
    clearTimeout(this.#silence);
    globalThis.removeEventListener?.("offline", this.#networkLost);
  }

  #lost(socket: WebSocket, reason: string): void {
    if (this.#socket !== socket) return;
    this.#forget();
    const wasConnected = this.id !== undefined;
    this.id = undefined;
    for (const [number, then] of [...this.#acknowledged]) {
      this.#acknowledged.delete(number);
      then(new Error("socket has been disconnected"));
    }
    if (wasConnected) this.#told.disconnect(reason);
    else if (!this.active) return;
    else if (this.#opening === null) this.#told.unreachable(new Error("websocket error"));
    else this.#told.connect_error(new Error(reason));
  }
}
