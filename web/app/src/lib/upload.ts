import { ProblemError } from "@/api/problem";
import type { Problem } from "@/api/schema";

/** How much of an upload has gone out; both in bytes, with what the form itself needs. */
export interface Progress {
  sent: number;
  total: number;
}

export interface Upload {
  /** Under this key it has one effect, however often it is sent. */
  key: string;
  onProgress: (progress: Progress) => void;
  signal: AbortSignal;
}

/**
 * Sends a form with files, and tells how far it has got: `fetch` cannot. The answer's body; a {@link ProblemError} if the
 * server refuses or cannot be reached, and an `AbortError` if `signal` ends it.
 */
export function upload<Answer>(path: string, form: FormData, options: Upload): Promise<Answer> {
  const { key, onProgress, signal } = options;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("idempotency-key", key);
    request.setRequestHeader("accept", "application/json");
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress({ sent: loaded, total }));
    request.addEventListener("load", () => {
      const answer = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(answer as Answer);
      else reject(problemOf(request, answer));
    });
    request.addEventListener("error", () => reject(new ProblemError(0, null)));
    request.addEventListener("abort", () => reject(new DOMException("given up", "AbortError")));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function problemOf(request: XMLHttpRequest, answer: unknown): ProblemError {
  const seconds = Number(request.getResponseHeader("retry-after") ?? Number.NaN);
  const isProblem = typeof answer === "object" && answer !== null && "error" in answer;
  return new ProblemError(
    request.status,
    isProblem ? (answer as Problem) : null,
    Number.isFinite(seconds) ? seconds * 1_000 : null,
  );
}

/**
 * How far each of several files has got that go out one behind the other in one form, from 0 to 1. What the form needs
 * besides is small, and counts as sent with the first file.
 */
export function progressOfEach(sizes: readonly number[], { sent, total }: Progress): number[] {
  const files = sizes.reduce((sum, size) => sum + size, 0);
  let left = Math.max(0, sent - Math.max(0, total - files));
  return sizes.map((size) => {
    const own = Math.min(size, left);
    left -= own;
    return size === 0 ? Number(sent >= total) : own / size;
  });
}
