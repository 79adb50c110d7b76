// The program itself, with a data folder and a Postgres of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "./until";

const BUILT = fileURLToPath(new URL("../../../../target/debug/informejo", import.meta.url));

/** Where the program is: `INFORMEJO_PROGRAM`, else the debug build of this tree. */
export function program(): string {
  const path = process.env["INFORMEJO_PROGRAM"] ?? BUILT;
  if (!existsSync(path)) {
    throw new Error(
      `${path} is missing: build it with \`cargo build\`, or say in INFORMEJO_PROGRAM where it is`,
    );
  }
  return path;
}

/** Nobody who tests is held up by limits that are made for strangers. */
const UNLIMITED = {
  PROOFS_PER_MINUTE: "1000000",
  PASSWORDS_PER_HOUR: "1000000",
  WISHES_PER_HOUR: "1000000",
  MAILS_PER_HOUR: "1000000",
};

/** What of the surroundings the program may see: nothing that could be a setting. */
const SURROUNDINGS = ["PATH", "HOME", "TMPDIR", "LANG"];

const running = new Set<Server>();
process.on("exit", () => {
  for (const server of running) server.abandon();
});

/** A server that can be killed and started again, at the same address and on the same data. */
export class Server {
  readonly url: string;
  readonly folder: string;
  readonly #settings: Record<string, string>;
  #child: ChildProcess | null = null;
  #log: string[] = [];

  private constructor(folder: string, port: number, settings: Record<string, string>) {
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.#settings = {
      ...UNLIMITED,
      HOST: "127.0.0.1",
      PORT: String(port),
      APP_URL: this.url,
      DATA_DIR: join(folder, "data"),
      ...settings,
    };
  }

  /** With further settings, or whatever else is in its environment. */
  static async start(settings: Record<string, string> = {}): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), "informejo-e2e-"));
    const server = new Server(folder, await freePort(), settings);
    running.add(server);
    try {
      await server.run();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  /** Where mails are put. */
  get mailFolder(): string {
    return join(this.folder, "data", "mail");
  }

  /** What it has written so far. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** Starts it, and waits until it is ready. */
  async run(): Promise<void> {
    const env: Record<string, string> = { ...this.#settings };
    for (const name of SURROUNDINGS) {
      const value = process.env[name];
      if (value !== undefined) env[name] = value;
    }
    const child = spawn(program(), ["serve"], { env, cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    const before = this.#log.length;
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on("line", (line) => this.#log.push(line));
    }
    await until(`${program()} to be ready`, async () => {
      if (child.exitCode !== null) throw new Error(`the server has ended:\n${this.#log.join("\n")}`);
      // It listens a little earlier than its first admin is there.
      if (!this.#log.slice(before).some((line) => line.includes("Ready to accept connections"))) return null;
      const answer = await fetch(`${this.url}/ready`).catch(() => null);
      return answer?.ok === true ? true : null;
    });
  }

  /** Ends it as a lost machine would: at once. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** Stops it and removes what it has written. */
  async close(): Promise<void> {
    await this.stop();
    const postgres = this.#postgres();
    if (postgres !== null) {
      // It outlives a server that was killed.
      signal(postgres, "SIGQUIT");
      await until("Postgres to end", () => (signal(postgres, 0) ? null : true));
    }
    running.delete(this);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The same at the end of this process, where nothing can be waited for. */
  abandon(): void {
    this.#child?.kill("SIGKILL");
    const postgres = this.#postgres();
    if (postgres !== null) signal(postgres, "SIGQUIT");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #postgres(): number | null {
    const data = join(this.folder, "data", "postgres");
    for (const path of [join(data, "postmaster.pid"), join(data, "data", "postmaster.pid")]) {
      if (existsSync(path)) return Number(readFileSync(path, "utf8").split("\n")[0]);
    }
    return null;
  }
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** A port that nobody listens on. It is chosen before the start, since a server that comes back has the same one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const closed = once(server, "close");
  server.close();
  await closed;
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
