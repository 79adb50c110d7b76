import { ProblemError } from "@/api/problem";
import type { Problem } from "@/api/schema";
import { idempotencyKey } from "@/api/client";
import { load, onChange, save } from "./storage";
import { Store } from "./store";

/** A command that is on its way to the server, and survives that it cannot be reached, reload and crash. */
export interface Unsent {
  /** Under this key it has one effect, however often it is sent. */
  key: string;
  method: "POST" | "PATCH" | "DELETE";
  path: string;
  body: unknown;
  /** The version that it was decided on; null if it holds for any. */
  ifMatch: number | null;
  /** Which ticket it is about. */
  ticket: string | null;
  /** When it was given, in milliseconds since 1970. */
  at: number;
}

/** What became of a command that was not sent by the page that shows it. */
export interface Outcome {
  command: Unsent;
  /** Why the server refused it; null if it did it. */
  refused: ProblemError | null;
}

type Settle = { resolve: (answer: unknown) => void; reject: (error: ProblemError) => void };

const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

function areUnsent(value: unknown): value is Unsent[] {
  return (
    Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null && "key" in one)
  );
}

/**
 * Sends an account's commands, one after the other, until the server has answered each. A command that it refuses is
 * given back to whoever gave it; one that it may not have heard is sent again under the same key.
 */
export class Outbox {
  readonly #storageKey: string;
  readonly #waiting = new Map<string, Settle>();
  readonly #listeners = new Set<(outcome: Outcome) => void>();
  readonly #endings: (() => void)[];
  #isSending = false;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** What has not been answered yet, oldest first. */
  readonly unsent: Store<readonly Unsent[]>;
  /** Whether the server did not answer the last time. */
  readonly isAway = new Store(false);

  constructor(account: string) {
    this.#storageKey = `outbox.${account}`;
    this.unsent = new Store<readonly Unsent[]>(this.#kept());
    const goOn = () => this.flush();
    window.addEventListener("online", goOn);
    this.#endings = [
      () => window.removeEventListener("online", goOn),
      onChange(this.#storageKey, () => this.unsent.set(this.#kept())),
    ];
    this.flush();
  }

  /** Ends sending; what is unsent stays kept. */
  close(): void {
    clearTimeout(this.#retry);
    for (const end of this.#endings) end();
  }

  /**
   * Sends a command. The answer's body comes when the server has done it, however long that takes; a
   * {@link ProblemError} if it refuses.
   */
  send<Answer>(command: Omit<Unsent, "key" | "at">): Promise<Answer> {
    const unsent: Unsent = { ...command, key: idempotencyKey(), at: Date.now() };
    const answered = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(unsent.key, { resolve, reject });
    });
    this.#keep([...this.#kept(), unsent]);
    this.flush();
    return answered as Promise<Answer>;
  }

  /** Gives up a command that was not answered yet. The server may have done it nevertheless. */
  discard(key: string): void {
    this.#drop(key);
    this.#waiting.get(key)?.reject(new ProblemError(0, null));
    this.#waiting.delete(key);
  }

  /** Calls `listener` with what became of commands that a page before this one gave. */
  onOutcome(listener: (outcome: Outcome) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tries to send at once. */
  flush(): void {
    clearTimeout(this.#retry);
    if (this.#isSending) return;
    this.#isSending = true;
    void alone(this.#storageKey, () => this.#sendAll()).finally(() => {
      this.#isSending = false;
      if (this.unsent.get().length > 0 && !this.isAway.get()) this.flush();
    });
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#kept()[0]; next; next = this.#kept()[0]) {
      const answer = await attempt(next);
      if (answer instanceof ProblemError && answer.isAway) {
        this.isAway.set(true);
        const pause = answer.retryAfterMs ?? RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)]!;
        this.#failures += 1;
        this.#retry = setTimeout(() => this.flush(), pause);
        return;
      }
      this.#failures = 0;
      this.isAway.set(false);
      this.#drop(next.key);
      this.#tell(next, answer);
    }
    this.isAway.set(false);
  }

  #tell(command: Unsent, answer: unknown): void {
    const refused = answer instanceof ProblemError ? answer : null;
    const settle = this.#waiting.get(command.key);
    this.#waiting.delete(command.key);
    if (!settle) for (const listener of [...this.#listeners]) listener({ command, refused });
    else if (refused) settle.reject(refused);
    else settle.resolve(answer);
  }

  #kept(): Unsent[] {
    return load(this.#storageKey, areUnsent) ?? this.#unkept;
  }

  /** What the browser would not keep: it lives as long as the page. */
  #unkept: Unsent[] = [];

  #keep(commands: Unsent[]): void {
    const isKept = save(this.#storageKey, commands.length > 0 ? commands : null);
    this.#unkept = isKept ? [] : commands;
    this.unsent.set(commands);
  }

  #drop(key: string): void {
    this.#keep(this.#kept().filter((one) => one.key !== key));
  }
}

/** One tab sends at a time, where the browser can see to that; elsewhere the keys keep doubles from having an effect. */
async function alone(name: string, work: () => Promise<void>): Promise<void> {
  const { locks } = navigator as { locks?: LockManager };
  await (locks ? locks.request(`informejo.${name}`, work) : work());
}

/** The answer's body, or why there is none. */
async function attempt({ method, path, body, ifMatch, key }: Unsent): Promise<unknown> {
  const headers: Record<string, string> = { "content-type": "application/json", "idempotency-key": key };
  if (ifMatch !== null) headers["if-match"] = `"${ifMatch}"`;
  try {
    const response = await fetch(path, {
      method,
      headers,
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer;
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    return new ProblemError(
      response.status,
      answer as Problem | null,
      Number.isFinite(seconds) ? seconds * 1_000 : null,
    );
  } catch {
    return new ProblemError(0, null);
  }
}
