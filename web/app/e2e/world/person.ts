// People of the desk, at its HTTP API.
import type { Attachment, Comment, CreateTicketInput, Me, Ticket } from "@/api/schema";
import type { Role } from "@/session/session";

/** The answer of a session's beginning. */
export interface Signed {
  token: string;
  user: Me;
}

/** Somebody with an account. */
export class Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  /** Empty for guests, who have none. */
  readonly password: string;
  /** A session of theirs: what is asked of the API is asked with it. */
  token: string;
  readonly #url: string;

  constructor(url: string, { token, user }: Signed, password: string) {
    this.#url = url;
    this.id = user.id;
    this.name = user.name;
    this.email = user.email;
    this.role = user.role as Role;
    this.password = password;
    this.token = token;
  }

  /** Asks whatever the server answers, a refusal too. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return await ask(this.#url, method, path, body, { authorization: `Bearer ${this.token}`, ...headers });
  }

  async get<Answer = unknown>(path: string): Promise<Answer> {
    return await good(await this.ask("GET", path));
  }

  async post<Answer = unknown>(path: string, body?: unknown): Promise<Answer> {
    return await good(await this.ask("POST", path, body));
  }

  async patch<Answer = unknown>(path: string, body: unknown): Promise<Answer> {
    return await good(await this.ask("PATCH", path, body));
  }

  async delete<Answer = unknown>(path: string): Promise<Answer> {
    return await good(await this.ask("DELETE", path));
  }

  /** A ticket of theirs; what is not said is something plausible. */
  async createTicket(given: Partial<CreateTicketInput> = {}): Promise<Ticket> {
    return await this.post("/api/tickets", {
      title: "The printer says PC LOAD LETTER",
      description: "It is the one on the second floor.",
      category: "HARDWARE",
      priority: "MEDIUM",
      ...given,
    });
  }

  async ticket(id: string): Promise<Ticket> {
    return await this.get(`/api/tickets/${id}`);
  }

  async comment(id: string, content: string, { isInternal = false } = {}): Promise<Comment> {
    return await this.post(`/api/tickets/${id}/comments`, isInternal ? { content, isInternal } : { content });
  }

  /** Changes a ticket: `{ status: "RESOLVED" }`, `{ assigneeId: … }`. */
  async change(id: string, changes: Record<string, unknown>): Promise<Ticket> {
    return await this.patch(`/api/tickets/${id}`, changes);
  }

  async attach(id: string, name: string, content: BlobPart, type = "text/plain"): Promise<Attachment> {
    const form = new FormData();
    form.append("file", new File([content], name, { type }));
    return await this.post(`/api/tickets/${id}/attachments`, form);
  }
}

/** Asks the server as somebody with these headers. */
export async function ask(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const request: RequestInit = { method, headers };
  if (body instanceof FormData) request.body = body;
  else if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { "content-type": "application/json", ...headers };
  }
  return await fetch(url + path, request);
}

/** The body of a success. */
export async function good<Answer>(answer: Response): Promise<Answer> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${text}`);
  return (text === "" ? null : JSON.parse(text)) as Answer;
}
