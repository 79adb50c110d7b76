import type { Client } from "openapi-fetch";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type Values = Record<string, unknown>;

interface Asked {
  params?: { path?: Values; query?: Values; header?: Values };
  headers?: Record<string, string>;
  body?: unknown;
  parseAs?: "blob";
  signal?: AbortSignal;
}

/**
 * The client of openapi-fetch as far as the desk needs it, and a tenth of its size: its types are what is of use. No values
 * of a query are lists or objects here, and bodies are JSON.
 */
export function createClient<Paths extends object>(): Client<Paths> {
  const ask =
    (method: Method) =>
    async (path: string, asked: Asked = {}) => {
      const { params: { path: places = {}, query = {}, header = {} } = {}, headers, body, signal } = asked;
      const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(String(places[name])),
      );
      const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
      const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
      const response = await fetch(`${filled}${given.length > 0 ? `?${search}` : ""}`, {
        method,
        headers: {
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(header as Record<string, string>),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
      if (response.ok && asked.parseAs === "blob") return { data: await response.blob(), response };
      const text = await response.text();
      const answer = parsed(text);
      return response.ok ? { data: answer ?? undefined, response } : { error: answer ?? text, response };
    };
  return {
    GET: ask("GET"),
    POST: ask("POST"),
    PATCH: ask("PATCH"),
    DELETE: ask("DELETE"),
  } as unknown as Client<Paths>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
