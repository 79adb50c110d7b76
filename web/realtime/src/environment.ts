/** What the client needs of the world around it. Tests pass one of their own, with a clock that they move. */
export interface Environment {
  /** Milliseconds since 1970. People and networks set that clock, also back: only for what is shown. */
  now(): number;
  /** Milliseconds since some moment, by a clock that nobody sets. */
  elapsed(): number;
  /** At least 0, less than 1. */
  random(): number;
  /** Calls `then` once, after `ms` milliseconds. Gives back what takes that back. */
  after(ms: number, then: () => void): () => void;
  /** Whether there is a network, as far as the browser knows. */
  isOnline(): boolean;
  /** Calls `then` whenever something changes. Gives back what ends that. */
  on(change: EnvironmentChange, then: () => void): () => void;
  /** Writes a line to the console. */
  log(line: string): void;
  /** Writes a line about something that is not as it should be to the console. */
  warn(line: string): void;
}

/** `visible`: the tab comes to the front. */
export type EnvironmentChange = "online" | "offline" | "visible";

/** The browser. Also works where there is no window (Node.js, workers): there, the network is always there. */
export function browser(): Environment {
  return {
    now: () => Date.now(),
    elapsed: () => performance.now(),
    random: () => Math.random(),
    after(ms, then) {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    isOnline: () => globalThis.navigator?.onLine ?? true,
    on(change, then) {
      if (change === "visible") {
        const page = globalThis.document as Document | undefined;
        const look = () => page?.visibilityState === "visible" && then();
        page?.addEventListener("visibilitychange", look);
        return () => page?.removeEventListener("visibilitychange", look);
      }
      const window = globalThis.window as Window | undefined;
      window?.addEventListener(change, then);
      return () => window?.removeEventListener(change, then);
    },
    log: (line) => console.log(line),
    warn: (line) => console.warn(line),
  };
}
