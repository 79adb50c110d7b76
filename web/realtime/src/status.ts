/**
 * How the connection is doing.
 *
 * - `connected`: what is shown is what is.
 * - `catching-up`: connected, and being told what was missed.
 * - `reconnecting`: not connected; `attempt` is under way, or `retryInSeconds` counts down to it.
 * - `offline`: not connected, and no attempt is likely to help: there is no network, or `reason` says what else.
 */
export type ConnectionState = "connected" | "catching-up" | "reconnecting" | "offline";

/** A moment of the connection. Never changes: there is a new one whenever something does. */
export interface Status {
  readonly state: ConnectionState;
  /** Which attempt to connect this is since the connection was lost, from 1; 0 while connected. */
  readonly attempt: number;
  /** Seconds until that attempt, rounded up; null while it is under way, or if there will be none. */
  readonly retryInSeconds: number | null;
  /** The last moment, in milliseconds since 1970, up to which everything had been told; null if never. */
  readonly lastUpdated: number | null;
  /** Why it is offline: `no network`, `closed`, `unauthorized`, `bad request: …`; null otherwise. */
  readonly reason: string | null;
}

/** The state in words, for people. */
export function describe(status: Status): string {
  switch (status.state) {
    case "connected":
      return "Connected";
    case "catching-up":
      return "Catching up";
    case "reconnecting":
      return status.retryInSeconds === null
        ? `Reconnecting (attempt ${status.attempt})`
        : `Reconnecting in ${status.retryInSeconds} s (attempt ${status.attempt})`;
    case "offline":
      return status.reason === "unauthorized" ? "Signed out" : "Offline";
  }
}

/** The present status, and whoever wants to know when it changes. Fits React's `useSyncExternalStore`. */
export class StatusStore {
  #status: Status = {
    state: "offline",
    attempt: 0,
    retryInSeconds: null,
    lastUpdated: null,
    reason: "closed",
  };
  readonly #listeners = new Set<(status: Status) => void>();
  readonly #failed: (error: unknown) => void;

  /** `failed` is told of a listener that throws: the connection goes on all the same. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  get(): Status {
    return this.#status;
  }

  set(status: Status): void {
    const names = ["state", "attempt", "retryInSeconds", "lastUpdated", "reason"] as const;
    if (names.every((name) => this.#status[name] === status[name])) return;
    this.#status = Object.freeze(status);
    for (const listener of [...this.#listeners]) {
      try {
        listener(status);
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  subscribe(listener: (status: Status) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
