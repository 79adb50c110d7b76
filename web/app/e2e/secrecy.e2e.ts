// Texts that must never reach the wrong browser: not its pages, not what its requests are answered, not its websocket.
import { expect, test } from "vitest";
import { type Page, type Person, openWorld, until } from "./world";
import { SIGHTS } from "./world/pages";
import { settled } from "./world/settled";
import { type Filled, fill } from "./world/fill";

const world = openWorld();

/** Seven browsers take their time where others are busy. */
const LONG_MS = 240_000;

/** Everything that one browser has received, and what its pages showed. */
class Recorder {
  readonly page: Page;
  readonly #received: string[] = [];
  readonly #reading = new Set<Promise<void>>();

  constructor(page: Page) {
    this.page = page;
    page.on("response", (response) => {
      this.#received.push(JSON.stringify(response.headers()));
      const reading = response.text().then(
        (text) => void this.#received.push(text),
        // Of a redirect, and of what was torn apart, there is no body.
        () => {},
      );
      this.#reading.add(reading);
      void reading.finally(() => this.#reading.delete(reading));
    });
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => this.#received.push(payload.toString())),
    );
  }

  /** Notes what the page shows now. */
  async look(): Promise<void> {
    this.#received.push(await this.page.content());
  }

  /** Which of these texts this browser has received. */
  async has(texts: Record<string, string>): Promise<string[]> {
    await this.look();
    await Promise.all(this.#reading);
    const all = this.#received.join("\n");
    return Object.keys(texts).filter((name) => all.includes(texts[name]!));
  }
}

async function recorded(person: Person | null): Promise<Recorder> {
  return new Recorder(await world.page(person, { path: null }));
}

/** Goes somewhere as a link in the page would; to its first page as a new tab. */
async function goTo(page: Page, path: string): Promise<void> {
  if (page.url() === "about:blank") await page.goto(path);
  else await page.evaluate((path) => history.pushState(null, "", path), path);
  await settled(page);
}

/** Addresses of every kind of page. */
const KINDS = SIGHTS.filter(
  ({ route }, index) => SIGHTS.findIndex((sight) => sight.route === route) === index,
);

const SECRETS = {
  note: "canary-internal-note-4711",
  liveNote: "canary-live-note-4712",
  title: "canary-title-4713",
  description: "canary-description-4714",
  comment: "canary-comment-4715",
  liveComment: "canary-live-comment-4716",
  file: "canary-file-4717.txt",
  bytes: "canary-bytes-4718",
};
const NOTES = ["note", "liveNote"];
const EVERYTHING = Object.keys(SECRETS).filter((name) => name !== "bytes");

test(
  "internal notes and others' tickets reach only who may read them",
  async () => {
    const { ada, alma, otto, ulla, viktor } = world.people;
    const { guest, ticket: guestTicket } = await world.guest();
    await ada.comment(guestTicket, SECRETS.note, { isInternal: true });
    const { id } = await ulla.createTicket({ title: SECRETS.title, description: SECRETS.description });
    await ulla.attach(id, SECRETS.file, SECRETS.bytes);
    await ulla.comment(id, SECRETS.comment);
    await ada.comment(id, SECRETS.note, { isInternal: true });
    const own = await viktor.createTicket({ title: "Viktor's own" });

    const browsers = {
      ada: await recorded(ada),
      alma: await recorded(alma),
      otto: await recorded(otto),
      ulla: await recorded(ulla),
      viktor: await recorded(viktor),
      guest: await recorded(guest),
      nobody: await recorded(null),
    };
    const open = async (name: keyof typeof browsers, path: string) => {
      const { page } = browsers[name];
      await goTo(page, path);
      await browsers[name].look();
    };
    // Whoever may not see something is answered that it is not there.
    world.announce(/40[134].*\/api\//);
    await Promise.all([
      open("ada", `/admin/tickets/${id}`),
      open("alma", `/audit/tickets/${id}`),
      open("otto", "/ops"),
      open("ulla", `/tickets/${id}`),
      open("viktor", "/tickets"),
      open("guest", `/tickets/view/${guestTicket}`),
      open("nobody", "/"),
    ]);

    // What happens while they look.
    await ada.comment(id, SECRETS.liveNote, { isInternal: true });
    await ada.comment(guestTicket, SECRETS.liveNote, { isInternal: true });
    await ada.comment(id, SECRETS.liveComment);
    await ada.comment(guestTicket, "for the guest to see");
    await ada.change(own.id, { title: "Viktor's own, changed" });
    const says = (name: keyof typeof browsers, text: string) =>
      browsers[name].page.getByText(text).first().waitFor({ state: "attached" });
    // Broadcasts come in their order: whoever has the later one would have the earlier ones.
    await Promise.all([
      says("ulla", SECRETS.liveComment),
      says("ada", SECRETS.liveComment),
      says("alma", SECRETS.liveComment),
      says("viktor", "Viktor's own, changed"),
      says("guest", "for the guest to see"),
    ]);

    // Those who try nevertheless, by address and by search.
    for (const path of [
      `/tickets/${id}`,
      `/tickets/view/${id}`,
      `/admin/tickets/${id}`,
      `/audit/tickets/${id}`,
    ]) {
      for (const name of ["viktor", "guest", "otto", "nobody"] as const) await open(name, path);
    }
    for (const path of ["/dashboard", "/tickets?q=canary", "/notifications"]) await open("viktor", path);
    for (const person of [viktor, guest, otto]) {
      for (const q of ["canary-internal-note", "canary-title", "canary-file"]) {
        const found = await person.ask("GET", `/api/search?q=${q}`);
        expect(await found.text()).not.toMatch(/canary-\w+-471/);
      }
    }
    for (const path of [`/tickets/${id}`, "/tickets?q=canary", "/dashboard", "/notifications"])
      await open("ulla", path);
    await open("alma", `/audit/tickets/${id}`);

    const seen: Record<string, string[]> = {};
    for (const [name, recorder] of Object.entries(browsers)) seen[name] = await recorder.has(SECRETS);
    expect(seen).toEqual({
      ada: EVERYTHING,
      alma: EVERYTHING,
      otto: [],
      ulla: EVERYTHING.filter((name) => !NOTES.includes(name)),
      viktor: [],
      guest: [],
      nobody: [],
    });
  },
  LONG_MS,
);

test(
  "nobody's pages tell them other people's addresses",
  async () => {
    const { people } = world;
    const filled: Filled = await fill(world.desk);
    const { guest } = filled;
    const addresses = {
      ulla: people.ulla.email,
      viktor: people.viktor.email,
      guest: guest.email,
      otto: people.otto.email,
    };
    const looked: Record<string, string[]> = {};
    for (const [name, person] of Object.entries({
      ulla: people.ulla,
      viktor: people.viktor,
      guest,
      nobody: null,
    })) {
      const recorder = await recorded(person);
      world.announce(/40[134].*\/(api|no)\//);
      for (const { at } of KINDS) {
        await goTo(recorder.page, at(filled));
        await recorder.look();
      }
      looked[name] = await recorder.has(addresses);
    }
    expect(looked).toEqual({ ulla: ["ulla"], viktor: ["viktor"], guest: ["guest"], nobody: [] });
  },
  LONG_MS,
);

test("what is signed out of is gone from the page, and the next person sees nothing of it", async () => {
  const { ulla, viktor } = world.people;
  await ulla.createTicket({ title: SECRETS.title });
  const page = await world.page(ulla, { path: "/tickets" });
  await page.getByText(SECRETS.title).first().waitFor();
  await page.getByRole("button", { name: /^Account: Ulla/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("link", { name: "Sign in" }).first().waitFor();
  // What was shown is kept hidden for a moment, until the next page's code is there.
  await until("her tickets to be gone", async () =>
    (await page.content()).includes(SECRETS.title) ? null : true,
  );

  await page.goto("/login?next=%2Ftickets");
  await page.locator("input[type=email]").fill(viktor.email);
  await page.locator("input[type=password]").fill(viktor.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL("**/tickets");
  await settled(page);
  expect(await page.content()).not.toContain(SECRETS.title);
  // Back leads to nothing of hers either.
  await page.goBack();
  await settled(page);
  expect(await page.content()).not.toContain(SECRETS.title);
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  expect(kept).not.toContain(SECRETS.title);
});
