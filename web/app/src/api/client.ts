import createClient from "openapi-fetch";
import { ProblemError } from "./problem";
import type { paths, Problem } from "./schema";

/** The HTTP API, typed by its description. Use it through {@link answer}, which throws what is not an answer. */
export const api = createClient<paths>({ credentials: "same-origin" });

interface Fetched<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** An answer's body, with the headers that matter. */
export interface Answer<Data> {
  data: Data;
  response: Response;
}

/** Waits for `request`, and throws a {@link ProblemError} unless it succeeded. */
export async function answer<Data>(request: Promise<Fetched<Data>>): Promise<Answer<Data>> {
  let fetched: Fetched<Data>;
  try {
    fetched = await request;
  } catch (error) {
    // Whoever has asked does no longer want to know.
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ProblemError(0, null);
  }
  const { data, error, response } = fetched;
  if (!response.ok) throw problemOf(response, error);
  return { data: data as Data, response };
}

/** Like {@link answer}, if only the body is of interest. */
export async function body<Data>(request: Promise<Fetched<Data>>): Promise<Data> {
  return (await answer(request)).data;
}

function problemOf(response: Response, error: unknown): ProblemError {
  const problem = isProblem(error) ? error : null;
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new ProblemError(response.status, problem, Number.isFinite(seconds) ? seconds * 1_000 : null);
}

function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "error" in error;
}

/** The cursor of the next page out of an answer's `Link`; null on the last page. */
export function nextCursor(response: Response): string | null {
  const link = response.headers.get("link");
  const target = link && /<([^>]+)>\s*;\s*rel="next"/.exec(link)?.[1];
  return target ? new URL(target, window.location.origin).searchParams.get("cursor") : null;
}

/** A key under which a command may be sent again and has one effect. */
export function idempotencyKey(): string {
  // `randomUUID` is there in secure contexts only, and a desk in an office may have no TLS.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
