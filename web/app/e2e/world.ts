// What every test of the pages begins with: a desk of its own, whose pages fail the test when anything goes wrong on them.
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { Desk, type Newcomer, type People, type View } from "./world/desk";
import type { Mail, Mailbox } from "./world/mail";
import type { Person } from "./world/person";

export { until } from "./world/until";
export type { Mail, Page, People, Person, View };

/** What a browser complains about while there is no server. */
const AWAY = /net::ERR_|Failed to load resource|WebSocket connection|\[Socket\.IO\]/;

/** The desk of a test file. It is there from the file's first test to its last; pages are closed after each test. */
export interface World {
  /** Everything else that a desk has. */
  readonly desk: Desk;
  readonly people: People;
  /** Where the pages are, without a slash at the end. */
  readonly url: string;
  readonly mails: Mailbox;
  /** A page in a browser of somebody's own, signed in; null: of nobody's. */
  page(person: Person | null, view?: View): Promise<Page>;
  /** Makes another account. */
  register(name: string, given?: Newcomer): Promise<Person>;
  /** Somebody without an account, and their ticket. */
  guest(
    name?: string,
    given?: Record<string, string>,
  ): Promise<{ guest: Person; ticket: string; mail: Mail }>;
  /** A mail's link, leading to the pages that are tested. */
  link(mail: Mail): string;
  /** What a page's console says. */
  console(page: Page): readonly string[];
  /** Errors that match are expected in this test: `console error: … (url)`, `failed: GET url …`, `uncaught: …`. */
  announce(...patterns: RegExp[]): void;
  /** The server is gone at once, as by `kill -9`; what pages then complain about is expected. */
  kill(): Promise<void>;
  /** It ends as at a deployment. */
  stop(): Promise<void>;
  /** It is there again, at the same address. */
  restart(): Promise<void>;
  /** The network of this browser is cut, or there again. */
  cut(context: BrowserContext, isCut: boolean): Promise<void>;
}

/** Opens a desk for this file's tests. `settings` are further ones of the program. */
export function openWorld(settings: Record<string, string> = {}): World {
  let opened: Desk | null = null;
  const desk = (): Desk => {
    if (!opened) throw new Error("the desk is there from the first test on, not before");
    return opened;
  };

  beforeAll(async () => {
    opened = await Desk.open(settings);
  });

  afterEach(async ({ task }) => {
    if (!opened) return;
    const problems = opened.watch.take();
    const hasFailed = task.result?.state === "fail" || problems.length > 0;
    const evidence = hasFailed ? await opened.evidence(task.name) : "";
    await opened.closePages();
    // What closing tears apart is not the test's.
    opened.watch.take();
    if (hasFailed) {
      // oxlint-disable-next-line no-console -- whoever runs the tests wants to see
      console.log(`what ${JSON.stringify(task.name)} looked like: ${evidence}`);
    }
    if (problems.length > 0) throw new Error(`on the pages:\n${problems.join("\n")}`);
  });

  afterAll(async () => {
    await opened?.close();
  });

  return {
    get desk() {
      return desk();
    },
    get people() {
      return desk().people;
    },
    get url() {
      return desk().url;
    },
    get mails() {
      return desk().mails;
    },
    page: (person, view) => desk().page(person, view),
    register: (name, given) => desk().register(name, given),
    guest: (name, given) => desk().guest(name, given),
    link: (mail) => desk().link(mail),
    console: (page) => desk().watch.console(page),
    announce: (...patterns) => desk().watch.announce(...patterns),
    async kill() {
      desk().watch.announce(AWAY);
      await desk().server.kill();
    },
    async stop() {
      desk().watch.announce(AWAY);
      await desk().server.stop();
    },
    async restart() {
      await desk().server.run();
    },
    async cut(context, isCut) {
      desk().watch.announce(AWAY);
      await context.setOffline(isCut);
    },
  };
}
