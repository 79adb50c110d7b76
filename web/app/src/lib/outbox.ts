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
  /** What whoever gave it wants to know of it later; never sent. With it, a refusal is kept until it was taken back. */
  memo?: unknown;
}

/** A command with a memo that the server has refused: somebody has to be told, and nothing of it may get lost. */
export interface Refusal {
  command: Unsent;
  status: number;
  problem: Problem | null;
}

/** What became of a command that was not sent by the page that shows it. */
export interface Outcome {
  command: Unsent;
  /** Why the server refused it; null if it did it. */
  refused: ProblemError | null;
}

type Settle = { resolve: (answer: unknown) => void; reject: (error: ProblemError) => void };

const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

const areAll =
  <One>(name: string) =>
  (value: unknown): value is One[] =>
    Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null && name in one);
const areUnsent = areAll<Unsent>("key");
const areRefusals = areAll<Refusal>("command");

/** What the server says for now only: too many, too slow, or too many at the same thing at once. */
const FOR_NOW: readonly number[] = [408, 409, 429];

/**
 * Sends an account's commands, one after the other, until the server has answered each. A command that it refuses is
 * given back to whoever gave it; one that it may not have heard is sent again under the same key.
 */
export class Outbox {
  readonly #storageKey: string;
  readonly #refusalsKey: string;
  readonly #signedOut: () => void;
  readonly #waiting = new Map<string, Settle>();
  readonly #listeners = new Set<(outcome: Outcome) => void>();
  readonly #endings: (() => void)[];
  #isSending = false;
  /** Signed out: nothing is sent any more, by whoever is signed in next least of all. */
  #isOver = false;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** What has not been answered yet, oldest first. */
  readonly unsent: Store<readonly Unsent[]>;
  /** What was refused and is waiting to be taken back. */
  readonly refusals: Store<readonly Refusal[]>;
  /** Whether the server did not answer the last time. */
  readonly isAway = new Store(false);

  /** `signedOut` is called if the server no longer knows the session; what is unsent waits until it is known again. */
  constructor(account: string, signedOut: () => void = () => {}) {
    this.#storageKey = `outbox.${account}`;
    this.#refusalsKey = `refused.${account}`;
    this.#signedOut = signedOut;
    this.unsent = new Store<readonly Unsent[]>(this.#kept());
    this.refusals = new Store<readonly Refusal[]>(load(this.#refusalsKey, areRefusals) ?? []);
    const goOn = () => this.flush();
    window.addEventListener("online", goOn);
    this.#endings = [
      () => window.removeEventListener("online", goOn),
      onChange(this.#storageKey, () => this.#changedElsewhere()),
      onChange(this.#refusalsKey, () => this.refusals.set(load(this.#refusalsKey, areRefusals) ?? [])),
    ];
    this.flush();
  }

  /** Ends sending; what is unsent stays kept. */
  close(): void {
    this.#isOver = true;
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

  /** Keeps only these fields of what was refused. False if it is no longer there. */
  narrow(key: string, fields: readonly string[]): boolean {
    const kept = load(this.#refusalsKey, areRefusals) ?? [...this.refusals.get()];
    const narrowed = kept.map((one) =>
      one.command.key === key ? { ...one, command: only(one.command, fields) } : one,
    );
    this.#keepRefusals(narrowed);
    return narrowed.some(({ command }) => command.key === key);
  }

  /** Takes back what was refused. False if somebody else, or another tab, has it already. */
  takeBack(key: string): boolean {
    const kept = load(this.#refusalsKey, areRefusals) ?? [...this.refusals.get()];
    const rest = kept.filter(({ command }) => command.key !== key);
    this.#keepRefusals(rest);
    return rest.length < kept.length;
  }

  /** Calls `listener` with what became of commands that another page, or this one before it was loaded anew, gave. */
  onOutcome(listener: (outcome: Outcome) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tries to send at once. */
  flush(): void {
    clearTimeout(this.#retry);
    if (this.#isSending || this.#isOver) return;
    this.#isSending = true;
    void alone(this.#storageKey, () => this.#sendAll()).finally(() => {
      this.#isSending = false;
      if (this.unsent.get().length > 0 && !this.isAway.get()) this.flush();
    });
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#kept()[0]; next && !this.#isOver; next = this.#kept()[0]) {
      const answer = await attempt(next);
      if (answer instanceof ProblemError && answer.status === 401) {
        // Not refused: it is sent when they sign in again.
        this.#isOver = true;
        this.#signedOut();
        return;
      }
      if (answer instanceof ProblemError && (answer.isAway || FOR_NOW.includes(answer.status))) {
        this.isAway.set(true);
        const pause = answer.retryAfterMs ?? RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)]!;
        this.#failures += 1;
        this.#retry = setTimeout(() => this.flush(), pause);
        return;
      }
      this.#failures = 0;
      this.isAway.set(false);
      // The answer is taken in before the command is forgotten, so that what is shown does not go back for a moment.
      this.#tell(next, answer);
      await settled();
      this.#drop(next.key, versionAfter(next, answer));
    }
    this.isAway.set(false);
  }

  #changedElsewhere(): void {
    const before = this.unsent.get();
    const kept = this.#kept();
    this.unsent.set(kept);
    for (const command of before) {
      const isGone = !kept.some(({ key }) => key === command.key);
      // Another tab has sent it and has the answer: whoever waits here is told that there is one.
      if (isGone && this.#waiting.delete(command.key)) this.#report({ command, refused: null });
    }
  }

  #report(outcome: Outcome): void {
    for (const listener of [...this.#listeners]) listener(outcome);
  }

  #tell(command: Unsent, answer: unknown): void {
    const refused = answer instanceof ProblemError ? answer : null;
    if (refused && command.memo !== undefined) {
      const { status, problem } = refused;
      this.#keepRefusals([...this.refusals.get(), { command, status, problem }]);
    }
    const settle = this.#waiting.get(command.key);
    this.#waiting.delete(command.key);
    if (!settle) this.#report({ command, refused });
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

  #keepRefusals(refusals: Refusal[]): void {
    save(this.#refusalsKey, refusals.length > 0 ? refusals : null);
    this.refusals.set(refusals);
  }

  /** Forgets a command. What was decided on the same version as it holds for the one that it has made. */
  #drop(key: string, moved: Moved | null = null): void {
    const rest = this.#kept().filter((one) => one.key !== key);
    this.#keep(
      rest.map((one) =>
        moved && one.path === moved.path && one.ifMatch === moved.from ? { ...one, ifMatch: moved.to } : one,
      ),
    );
  }
}

function only(command: Unsent, fields: readonly string[]): Unsent {
  const entries = Object.entries(command.body as Record<string, unknown>);
  return { ...command, body: Object.fromEntries(entries.filter(([name]) => fields.includes(name))) };
}

/** A thing that a command has brought from one version to another. */
interface Moved {
  path: string;
  from: number;
  to: number;
}

function versionAfter({ method, path, ifMatch }: Unsent, answer: unknown): Moved | null {
  const isChange = method === "PATCH" && ifMatch !== null && typeof answer === "object" && answer !== null;
  if (!isChange || !("version" in answer) || typeof answer.version !== "number") return null;
  return { path, from: ifMatch, to: answer.version };
}

/** Lets those who wait for an answer go on first. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
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
