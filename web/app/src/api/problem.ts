import type { FieldProblem, Problem } from "./schema";

/** The server's refusal of a request, or that there was no answer at all (`status` 0). */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  readonly problem: Problem | null;
  /** How long to wait before trying again, in milliseconds; null if the server does not say. */
  readonly retryAfterMs: number | null;

  constructor(status: number, problem: Problem | null, retryAfterMs: number | null = null) {
    super(problem?.detail ?? problem?.error ?? (status === 0 ? "no answer" : `status ${status}`));
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }

  /** Nobody knows whether the request was heard: no network, no server, or a server that is not ready. */
  get isAway(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }

  /** What is wrong with each field, by its name. */
  get fields(): ReadonlyMap<string, string> {
    const details: FieldProblem[] = this.problem?.details ?? [];
    return new Map(details.map(({ path, message }) => [path.join("."), message]));
  }

  static of(error: unknown): ProblemError {
    return error instanceof ProblemError ? error : new ProblemError(0, null);
  }
}
