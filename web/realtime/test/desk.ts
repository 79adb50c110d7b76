// A help desk of its own for a test: the real program with its own database, behind a way that can be cut.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Nothing that is expected to happen takes longer, on however busy a machine. */
export const DEADLINE_MS = 30_000;

/** Waits for `look` to see something. */
export async function until<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = Date.now() + DEADLINE_MS;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The way to the desk. Whoever cuts it cuts everybody's connections. */
class Way {
  /** Whether websockets get through. */
  websockets = true;
  /** What is at `/app/…`. It comes by the way itself, so that a browser takes it for a page of the desk's. */
  page = "";
  port = 0;
  #target: number | null = null;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((near) => this.#accept(near));

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.port = (this.#server.address() as { port: number }).port;
  }

  /** From now on it leads to this port; nowhere if null. */
  lead(target: number | null): void {
    this.#target = target;
    if (target === null) this.cut();
  }

  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #accept(near: Socket): void {
    if (this.#target === null) return void near.resetAndDestroy();
    const far = connect(this.#target, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.setNoDelay(true);
    }
    near.on("data", (bytes) => {
      const text = bytes.toString("latin1");
      if (text.startsWith("GET /app/")) near.end(answer(this.page));
      else if (!this.websockets && /^upgrade: websocket/im.test(text)) near.resetAndDestroy();
      else far.write(bytes);
    });
    far.pipe(near);
  }
}

function answer(page: string): string {
  const head = ["HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", "Connection: close"];
  return `${head.join("\r\n")}\r\nContent-Length: ${Buffer.byteLength(page)}\r\n\r\n${page}`;
}

export interface Person {
  id: string;
  token: string;
  email: string;
}

const PASSWORD = "correct horse battery";

export class Desk {
  readonly way = new Way();
  admin!: Person;
  #folder = "";
  #process: ChildProcess | null = null;
  #port = 0;
  #people = 0;

  static async open(): Promise<Desk> {
    const desk = new Desk();
    desk.#folder = await mkdtemp(join(tmpdir(), "informejo-web-"));
    await desk.way.open();
    await desk.start();
    await desk.#createAdmin();
    return desk;
  }

  get url(): string {
    return `http://127.0.0.1:${this.way.port}`;
  }

  /** Starts the program, and leads the way to it when it is ready. */
  async start(): Promise<void> {
    const process = this.#run("serve");
    this.#process = process;
    const lines: string[] = [];
    this.#port = 0;
    for (const output of [process.stdout!, process.stderr!]) {
      createInterface({ input: output }).on("line", (line) => {
        lines.push(line);
        const found = /Ready to accept connections: http:\/\/[^:]+:(\d+)/.exec(line);
        if (found) this.#port = Number(found[1]);
      });
    }
    await until("a desk that is ready", async () => {
      if (process.exitCode !== null) throw new Error(`the program has ended:\n${lines.join("\n")}`);
      if (this.#port === 0) return false;
      return (await fetch(`http://127.0.0.1:${this.#port}/ready`)).ok;
    });
    this.way.lead(this.#port);
  }

  /** Ends the program by `SIGKILL`, as a crash does, or by `SIGTERM`, as an operator does. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const process = this.#process;
    this.#process = null;
    if (!process || process.exitCode !== null) return;
    const ended = new Promise((resolve) => process.once("exit", resolve));
    process.kill(signal);
    await ended;
    this.way.lead(null);
  }

  async close(): Promise<void> {
    await this.end("SIGTERM");
    this.way.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Asks the desk by its own port: the way is the clients'. */
  async ask(method: string, path: string, person: Person | null, body?: object): Promise<Response> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (person) headers["authorization"] = `Bearer ${person.token}`;
    const answer = await fetch(`http://127.0.0.1:${this.#port}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  /** Somebody new. */
  async person(): Promise<Person> {
    this.#people += 1;
    const email = `person${this.#people}@example.org`;
    await this.ask("POST", "/api/auth/register", null, { name: "Requester", email, password: PASSWORD });
    const token = await until("a mail with a link", () => this.#mailed(email));
    await this.ask("POST", "/api/auth/register/confirm", null, { token, password: PASSWORD });
    return this.signIn(email);
  }

  /** What stands behind `#` in the link that was mailed to finish a registration: the desk puts its mail into a folder. */
  async #mailed(email: string): Promise<string | undefined> {
    const folder = join(this.#folder, "data", "mail");
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((name) => name.endsWith(".eml"))) {
      // As quoted-printable has it: a line that goes on ends with `=`.
      const mail = (await readFile(join(folder, name), "utf8")).replaceAll(/=\r?\n/g, "");
      const link = /\/register\/confirm#([0-9a-f]{64})/.exec(mail);
      if (link && mail.includes(`To: ${email}`)) return link[1];
    }
    return undefined;
  }

  async signIn(email: string): Promise<Person> {
    const answer = await this.ask("POST", "/api/auth/login", null, { email, password: PASSWORD });
    const { token, user } = (await answer.json()) as { token: string; user: { id: string } };
    return { id: user.id, token, email };
  }

  /** A new ticket, and its place in the log. */
  async ticket(person: Person, title = "Printer on fire"): Promise<{ id: string; position: number }> {
    const ticket = { title, description: "It is warm.", priority: "HIGH", category: "HARDWARE" };
    const answer = await this.ask("POST", "/api/tickets", person, ticket);
    const { id } = (await answer.json()) as { id: string };
    return { id, position: positionOf(answer) };
  }

  /** A new comment; gives back its place in the log. */
  async comment(person: Person, ticket: string, content: string): Promise<number> {
    return positionOf(await this.ask("POST", `/api/tickets/${ticket}/comments`, person, { content }));
  }

  /** Changes a ticket, as an agent. */
  async change(ticket: string, change: object): Promise<void> {
    await this.ask("PATCH", `/api/tickets/${ticket}`, this.admin, change);
  }

  /** The ids of the tickets that this person finds so, sorted. */
  async list(person: Person, query: string): Promise<string[]> {
    const answer = await this.ask("GET", `/api/tickets?limit=200&${query}`, person);
    return ((await answer.json()) as { id: string }[]).map(({ id }) => id).sort();
  }

  #run(...args: string[]): ChildProcess {
    const program = process.env["INFORMEJO_PROGRAM"];
    if (!program) throw new Error("INFORMEJO_PROGRAM must name the program to test with");
    // Without a database of its own, the program brings one along.
    const { PATH, HOME, TMPDIR, DATABASE_URL } = process.env;
    // All of a test's people come from one address.
    const unlimited = { WISHES_PER_HOUR: "1000000", PROOFS_PER_MINUTE: "1000000" };
    const settings = { HOST: "127.0.0.1", PORT: "0", DATA_DIR: join(this.#folder, "data"), ...unlimited };
    return spawn(program, args, {
      env: { ...defined({ PATH, HOME, TMPDIR, DATABASE_URL }), ...settings },
      stdio: ["pipe", "pipe", "pipe"],
    });
  }

  async #createAdmin(): Promise<void> {
    const email = "ada@example.org";
    const making = this.#run("accounts", "create-admin", "--email", email, "--name", "Ada Agent");
    making.stdin!.end(`${PASSWORD}\n`);
    let said = "";
    making.stderr!.on("data", (bytes) => (said += bytes));
    making.stdout!.resume();
    const code = await new Promise((resolve) => making.once("exit", resolve));
    if (code !== 0) throw new Error(`no admin: ${said}`);
    this.admin = await until("an admin who can sign in", () => this.signIn(email).catch(() => null));
  }
}

function defined(variables: Record<string, string | undefined>): Record<string, string> {
  const entries = Object.entries(variables).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}

function positionOf(answer: Response): number {
  const position = Number(answer.headers.get("x-position"));
  if (!Number.isInteger(position) || position < 1) throw new Error("an answer without a position");
  return position;
}
