// A whole desk: the program, people of every role, and a browser that looks at it.
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Submitted } from "@/api/schema";
import type { Role } from "@/session/session";
import type { Language, Theme } from "@/lib/preferences";
import { type Front, inFrontOf } from "./front";
import { type Mail, Mailbox } from "./mail";
import { ask, good, Person, type Signed } from "./person";
import { Server } from "./server";
import { until } from "./until";
import { Watch } from "./watch";

const COOKIE = "informejo_session";
const NAMES = {
  ada: ["Ada Agent", "ADMIN"],
  bruno: ["Bruno Brandt", "ADMIN"],
  ulla: ["Ulla User", "USER"],
  viktor: ["Viktor Varga", "USER"],
  alma: ["Alma Auditor", "AUDITOR"],
  otto: ["Otto Operator", "OPERATOR"],
} as const;

/** Who works here: two agents, two users, an auditor and an operator. */
export type People = Record<keyof typeof NAMES, Person>;

/** How somebody looks at the desk. */
export interface View {
  theme?: Theme;
  language?: Language;
  /** Of the window; 1280 by 800 if it is not said. */
  width?: number;
  height?: number;
  /** Where they begin; null: nowhere yet. `/` if it is not said. */
  path?: string | null;
  /** Where on earth: `Europe/Berlin` if it is not said. */
  zone?: string;
  /** Lets tests put code of their own into the page. */
  bypassCSP?: boolean;
}

/** What may be said of a new account. */
export interface Newcomer {
  role?: Role;
  /** The admin who gives the role: Ada if it is not said. */
  by?: Person | undefined;
  email?: string;
  department?: string;
}

const passwordOf = (email: string) => `gulls-over-${email}-harbour`;
const emailOf = (name: string) => `${name.toLowerCase().replaceAll(/\W+/g, ".")}@example.test`;

export class Desk {
  readonly server: Server;
  /** Where its pages are: the server, or what stands in front of it. */
  readonly url: string;
  readonly mails: Mailbox;
  readonly watch: Watch;
  readonly #front: Front | null;
  readonly #browser: Browser;
  readonly #contexts = new Set<BrowserContext>();
  #people: People | null = null;

  private constructor(server: Server, front: Front | null, browser: Browser) {
    this.server = server;
    this.#front = front;
    this.#browser = browser;
    this.url = front?.url ?? server.url;
    this.mails = new Mailbox(server.mailFolder);
    this.watch = new Watch(this.url);
  }

  /** Opens one; with further settings of the program. */
  static async open(settings: Record<string, string> = {}): Promise<Desk> {
    const [server, browser] = await Promise.all([
      Server.start({
        DEFAULT_ADMIN_EMAIL: emailOf("Ada Agent"),
        DEFAULT_ADMIN_PASSWORD: passwordOf(emailOf("Ada Agent")),
        DEFAULT_ADMIN_NAME: "Ada Agent",
        ...settings,
      }),
      launch(),
    ]);
    const desk = new Desk(server, await inFrontOf(server.url), browser);
    try {
      await desk.#expectPages();
      const ada = await desk.signIn(emailOf("Ada Agent"), passwordOf(emailOf("Ada Agent")));
      const others = Object.entries(NAMES).filter(([key]) => key !== "ada");
      const made = others.map(
        async ([key, [name, role]]) => [key, await desk.register(name, { role, by: ada })] as const,
      );
      desk.#people = { ada, ...Object.fromEntries(await Promise.all(made)) } as People;
    } catch (error) {
      await desk.close();
      throw error;
    }
    return desk;
  }

  /** Whether the pages do not come from the program itself, so that it says nothing about how they are served. */
  get isInFront(): boolean {
    return this.#front !== null;
  }

  get people(): People {
    if (!this.#people) throw new Error("the desk is not open yet");
    return this.#people;
  }

  /** Makes an account as people do, by a link in a mail, and gives it its role. */
  async register(name: string, given: Newcomer = {}): Promise<Person> {
    const { role = "USER", by = this.#people?.ada, email = emailOf(name), department = "Sales" } = given;
    const password = passwordOf(email);
    const wish = { email, name, password, department };
    await good(await this.#patiently("/api/auth/register", wish));
    const { token } = await this.mails.next(email, "registration");
    const signed = await this.#patiently("/api/auth/register/confirm", { token, password });
    const person = new Person(this.server.url, await good<Signed>(signed), password);
    if (role === "USER") return person;
    if (!by) throw new Error("nobody is there to give a role");
    await by.patch(`/api/admin/users/${person.id}`, { role });
    return await this.signIn(email, password);
  }

  /** Another session of somebody's. */
  async signIn(email: string, password: string): Promise<Person> {
    const signed = await this.#patiently("/api/auth/login", { email, password });
    return new Person(this.server.url, await good<Signed>(signed), password);
  }

  /** Gives somebody whose session may have ended another one. */
  async renew(person: Person): Promise<void> {
    person.token = (await this.signIn(person.email, person.password)).token;
  }

  /** Somebody without an account, who has submitted this and is in by the link that was mailed; and the ticket. */
  async guest(
    name = "Gitta Guest",
    given: Record<string, string> = {},
  ): Promise<{ guest: Person; ticket: string; mail: Mail }> {
    const form = new FormData();
    const wish = {
      name,
      email: emailOf(name),
      title: "My badge opens no door",
      description: "Not even the one to the kitchen.",
      category: "ACCESS",
      ...given,
    };
    for (const [field, value] of Object.entries(wish)) form.append(field, value);
    const submitted = await good<Submitted>(
      await ask(this.server.url, "POST", "/api/tickets/anonymous", form),
    );
    await good(await ask(this.server.url, "POST", "/api/guest/link", { email: wish.email }));
    const mail = await this.mails.next(wish.email, "guest_link");
    const session = await ask(this.server.url, "POST", "/api/guest/session", { token: mail.token });
    return {
      guest: new Person(this.server.url, await good<Signed>(session), ""),
      ticket: submitted.ticketId,
      mail,
    };
  }

  /** A link out of a mail, leading to the pages that are tested. */
  link(mail: Mail): string {
    const [link] = mail.links;
    if (link === undefined) throw new Error(`no link in: ${mail.text}`);
    return link.replace(this.server.url, this.url);
  }

  /** A page in a browser of somebody's own (null: of nobody's), who is signed in with a session of its own. */
  async page(person: Person | null, view: View = {}): Promise<Page> {
    const {
      theme = "system",
      language = "en",
      width = 1280,
      height = 800,
      path = "/",
      zone = "Europe/Berlin",
    } = view;
    const preferences = JSON.stringify({ theme, language, muted: false });
    const context = await this.#browser.newContext({
      baseURL: this.url,
      viewport: { width, height },
      locale: "en-GB",
      timezoneId: zone,
      bypassCSP: view.bypassCSP ?? false,
      storageState: {
        cookies: [],
        origins: [
          { origin: this.url, localStorage: [{ name: "informejo.preferences", value: preferences }] },
        ],
      },
    });
    this.#contexts.add(context);
    context.setDefaultTimeout(30_000);
    this.watch.follow(context);
    if (person) await this.giveSession(context, person);
    const page = await context.newPage();
    if (path !== null) await page.goto(path);
    return page;
  }

  /** Signs somebody in to a browser, behind the pages' back. */
  async giveSession(context: BrowserContext, person: Person): Promise<void> {
    // One who signs out there is still signed in here. Guests have no password to come back with.
    const { token } = person.password === "" ? person : await this.signIn(person.email, person.password);
    await context.addCookies([
      { name: COOKIE, value: token, url: this.url, httpOnly: true, sameSite: "Lax" },
    ]);
  }

  /** Pictures and consoles of all pages, in a folder whose path comes back. */
  async evidence(name: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), `informejo-${name.replaceAll(/\W+/g, "-").slice(0, 60)}-`));
    const pages = [...this.#contexts].flatMap((context) => context.pages());
    for (const [index, page] of pages.entries()) {
      await page.screenshot({ path: join(folder, `${index}.png`), timeout: 5_000 }).catch(() => {});
      const lines = [page.url(), ...this.watch.console(page)];
      await writeFile(join(folder, `${index}.txt`), lines.join("\n"));
    }
    await writeFile(join(folder, "server.txt"), this.server.log.join("\n"));
    return folder;
  }

  /** Closes all pages. */
  async closePages(): Promise<void> {
    const contexts = [...this.#contexts];
    this.#contexts.clear();
    await Promise.all(contexts.map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#front?.close();
    await this.server.close();
  }

  /** Asks again as long as the server says that it is too busy: passwords are slow, and other tests run beside these. */
  async #patiently(path: string, body: unknown): Promise<Response> {
    return await until(`an answer of ${path}`, async () => {
      const answer = await ask(this.server.url, "POST", path, body);
      return answer.status === 503 ? null : answer;
    });
  }

  async #expectPages(): Promise<void> {
    const page = await (await fetch(this.url, { headers: { accept: "text/html" } })).text();
    if (!page.includes('id="root"')) {
      throw new Error(
        "the program shows no pages: build them (`make web`), or set E2E_VITE=1 to test those of this tree",
      );
    }
  }
}

async function launch(): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    // Chromium's sandbox does not work for root, as in containers.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
}
