// How fast the client is, in a real browser: `npm run bench [-- --tickets 100000]`. Prints figures beside the goals.
import { performance } from "node:perf_hooks";
import type { Page } from "playwright-core";
import type { Ticket } from "@/api/schema";
import { Desk } from "../e2e/world/desk";
import setup from "../e2e/world/front";
import type { Person } from "../e2e/world/person";
import { program } from "../e2e/world/server";
import { settled } from "../e2e/world/settled";

const ROUNDS = 60;
/** How many tickets are posted at the same time when a desk is filled. */
const AT_ONCE = 64;
const FEW = 300;

interface Figure {
  name: string;
  value: number;
  unit: string;
  goal: number;
}

export default async function bench(args: string[]): Promise<void> {
  const at = args.indexOf("--tickets");
  const many = at === -1 ? 0 : Number(args[at + 1]);
  const remove = await setup();
  const desk = await Desk.open();
  try {
    if (!/\/release\//.test(program()))
      say(`NOTE: ${program()} is not a release build; its figures are not the desk's.`);
    if (desk.isInFront)
      say("NOTE: the pages come from a server of Vite's, uncompressed: no figures of the first load.");
    const figures: Figure[] = [];
    await fillUp(desk.people.ulla, FEW);
    figures.push(...(await clickToPixel(desk)));
    figures.push(...(await listToDetail(desk)));
    if (!desk.isInFront) figures.push(...(await firstLoad(desk)));
    if (many > 0) {
      const start = performance.now();
      await fillUp(desk.people.ulla, many - FEW);
      say(`${many} tickets are there after ${((performance.now() - start) / 1000).toFixed(0)} s.`);
      figures.push(...(await longList(desk, many)));
    }
    print(figures);
  } finally {
    await desk.close();
    remove?.();
  }
}

/** Another user's click → my pixel: from the pointer's event in one browser to the frame after the change in the other. */
async function clickToPixel(desk: Desk): Promise<Figure[]> {
  const { ada, ulla } = desk.people;
  const ticket = await ulla.createTicket({ title: "Looked at by two" });
  const mine = await desk.page(ulla, { path: `/tickets/${ticket.id}` });
  const theirs = await desk.page(ada, { path: `/admin/tickets/${ticket.id}` });
  await Promise.all([settled(mine), settled(theirs)]);
  await mine.bringToFront();
  const field = theirs.locator("textarea").first();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const text = `round ${round} of the bench`;
    const seen = mine.evaluate(
      (text) =>
        new Promise<number>((resolve) => {
          const look = () => {
            if (!document.querySelector("main")?.textContent?.includes(text)) return;
            observer.disconnect();
            // After this frame's picture.
            requestAnimationFrame(() => {
              const { port1, port2 } = new MessageChannel();
              port1.addEventListener("message", () => resolve(performance.timeOrigin + performance.now()));
              port1.start();
              port2.postMessage(null);
            });
          };
          const observer = new MutationObserver(look);
          observer.observe(document.body, { childList: true, subtree: true, characterData: true });
        }),
      text,
    );
    await field.fill(text);
    const clicked = theirs.evaluate(
      () =>
        new Promise<number>((resolve) =>
          addEventListener("pointerdown", () => resolve(performance.timeOrigin + performance.now()), {
            capture: true,
            once: true,
          }),
        ),
    );
    await theirs.locator("form", { has: field }).locator('button[type="submit"]').click();
    times.push((await seen) - (await clicked));
  }
  await desk.closePages();
  return percentiles("another user's click → my pixel", times, 40, 80);
}

/** From the click on a row to the frame with the ticket's description. */
async function listToDetail(desk: Desk): Promise<Figure[]> {
  const page = await desk.page(desk.people.ada, { path: "/admin/tickets" });
  await settled(page);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const link = page.locator('main a[href^="/admin/tickets/"]').nth(round % 8);
    await link.waitFor();
    const address = await link.getAttribute("href");
    // The pointer is over it first, as with people.
    await link.hover();
    const shown = page.evaluate(
      (address) =>
        new Promise<number>((resolve) => {
          let clicked = 0;
          addEventListener("pointerdown", () => (clicked = performance.now()), { capture: true, once: true });
          const look = () => {
            const isThere = location.pathname === address && document.querySelector("main .prose") !== null;
            if (isThere && clicked > 0) {
              const { port1, port2 } = new MessageChannel();
              port1.addEventListener("message", () => resolve(performance.now() - clicked));
              port1.start();
              port2.postMessage(null);
            } else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        }),
      new URL(address!, desk.url).pathname,
    );
    await link.click();
    times.push(await shown);
    await page.goBack();
    await settled(page);
  }
  await desk.closePages();
  return percentiles("list → detail", times, 50, 100);
}

/** LCP of the first page and what the list's JavaScript weighs, each with nothing cached. */
async function firstLoad(desk: Desk): Promise<Figure[]> {
  const lcp: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const page = await desk.page(null, { path: null });
    await page.goto("/");
    await settled(page);
    lcp.push(await largestPaint(page));
    await desk.closePages();
  }
  const list: number[] = [];
  const page = await desk.page(desk.people.ada, { path: null });
  let bytes = 0;
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  const scripts = new Set<string>();
  network.on(
    "Network.responseReceived",
    ({ requestId, type }) => type === "Script" && scripts.add(requestId),
  );
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto("/admin/tickets");
  await settled(page);
  await page.waitForLoadState("networkidle");
  list.push(await largestPaint(page));
  await desk.closePages();
  return [
    { name: "first load of the home page, LCP p50", value: percentile(lcp, 0.5), unit: "ms", goal: 400 },
    { name: "first load of the list, LCP", value: percentile(list, 0.5), unit: "ms", goal: 400 },
    { name: "JavaScript over the wire on the list", value: bytes / 1000, unit: "kB", goal: 95 },
  ];
}

async function largestPaint(page: Page): Promise<number> {
  return await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntries().at(-1)!.startTime)).observe({
          type: "largest-contentful-paint",
          buffered: true,
        });
      }),
  );
}

/** Scrolling through a list that is far longer than the screen, and asking for it at the API. */
async function longList(desk: Desk, many: number): Promise<Figure[]> {
  const page = await desk.page(desk.people.ada, { path: "/admin/tickets" });
  await settled(page);
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(window, { tasks });
    new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    ).observe({
      type: "longtask",
    });
  });
  await page.mouse.move(640, 500);
  for (let turn = 0; turn < 150; turn += 1) {
    await page.mouse.wheel(0, 400);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks);
  await desk.closePages();
  const list = await times(() => desk.people.ada.get("/api/tickets?limit=50"));
  const search = await times((round) => desk.people.ada.get(`/api/search?q=printer%20${round}&limit=20`));
  return [
    {
      name: `longest task while scrolling ${many} tickets`,
      value: Math.max(0, ...tasks),
      unit: "ms",
      goal: 50,
    },
    { name: `GET /api/tickets of ${many}, p95`, value: percentile(list, 0.95), unit: "ms", goal: 15 },
    { name: `GET /api/search in ${many}, p95`, value: percentile(search, 0.95), unit: "ms", goal: 50 },
  ];
}

async function times(run: (round: number) => Promise<unknown>): Promise<number[]> {
  const found: number[] = [];
  for (let round = 0; round < ROUNDS + 10; round += 1) {
    const start = performance.now();
    await run(round);
    // The first ones warm up.
    if (round >= 10) found.push(performance.now() - start);
  }
  return found;
}

/** Opens so many tickets, many at a time: the log writes them in groups. */
async function fillUp(person: Person, count: number): Promise<Ticket[]> {
  const made: Ticket[] = [];
  let next = 0;
  const write = async () => {
    while (next < count) {
      const number = next;
      next += 1;
      made.push(
        await person.createTicket({
          title: `${["Printer", "Laptop", "Badge", "Phone"][number % 4]} number ${number} does not work`,
          description: `It did yesterday. This is ticket ${number} of the bench.`,
          category: ["HARDWARE", "SOFTWARE", "NETWORK", "ACCESS"][number % 4]!,
          priority: ["LOW", "MEDIUM", "HIGH", "CRITICAL"][number % 4]!,
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, write));
  return made;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function percentiles(name: string, values: readonly number[], p50: number, p95: number): Figure[] {
  return [
    { name: `${name}, p50`, value: percentile(values, 0.5), unit: "ms", goal: p50 },
    { name: `${name}, p95`, value: percentile(values, 0.95), unit: "ms", goal: p95 },
  ];
}

function print(figures: readonly Figure[]): void {
  const width = Math.max(...figures.map(({ name }) => name.length));
  for (const { name, value, unit, goal } of figures) {
    const verdict = value <= goal ? "" : "  MISSED";
    say(`${name.padEnd(width)}  ${value.toFixed(1).padStart(8)} ${unit}  (goal ≤ ${goal} ${unit})${verdict}`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
