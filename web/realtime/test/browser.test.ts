// The client in a real browser: S-025, S-033 to S-035, S-037, S-130, S-132, S-141, S-143.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { type Browser, type BrowserContext, chromium, type ConsoleMessage, type Page } from "playwright-core";
import type { RealtimeClient } from "../src/index.js";
import { Desk, type Person, until } from "./desk.js";

declare global {
  interface Window {
    realtime: { client: RealtimeClient; statuses: string[]; comments: string[] };
  }
}

const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** What the page runs: everything that an application would, but for showing it. */
const PAGE = `
  import { describe, pageUrlSources, share, socketUrl, tabStorage } from "./src/index.js";
  const url = socketUrl(pageUrlSources(document));
  // Every page of the application holds the client and lets it go again.
  let held = share({ url, storage: tabStorage() });
  const { client } = held;
  const seen = { client, statuses: [], comments: [] };
  window.realtime = seen;
  client.onStatus((status) => seen.statuses.push(describe(status)));
  client.on("comment:added", (comment) => {
    seen.comments.push(comment.content);
    document.querySelector("#comments").append(Object.assign(document.createElement("li"), { textContent: comment.content }));
  });
  window.navigate = (path) => {
    held.release();
    history.pushState(null, "", path);
    held = share({ url });
    return held.client === client;
  };
`;

let desk: Desk;
let chrome: Browser;
before(async () => {
  const executablePath = process.env["CHROMIUM"] ?? PROGRAMS.find((path) => existsSync(path));
  assert.ok(executablePath, "a Chromium is needed: `make setup` brings it");
  const bundling = build({
    stdin: { contents: PAGE, resolveDir: new URL("..", import.meta.url).pathname, loader: "js" },
    bundle: true,
    format: "iife",
    write: false,
    logLevel: "silent",
  });
  const launching = chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  const [bundled, launched, opened] = await Promise.all([bundling, launching, Desk.open()]);
  chrome = launched;
  desk = opened;
  const icon = '<link rel="icon" href="data:,">';
  desk.way.page = `<!doctype html><title>Desk</title>${icon}<ul id="comments"></ul><script>${bundled.outputFiles[0]!.text}</script>`;
});
after(async () => {
  await chrome?.close();
  await desk?.close();
});

interface Tab {
  page: Page;
  context: BrowserContext;
  /** What the console says, with its kind. */
  lines: string[];
  /** Addresses of websockets, as the network panel shows them. */
  websockets: string[];
}

/** A window of this person's, on a page of the desk's own origin. */
async function tab(person: Person): Promise<Tab> {
  const context = await chrome.newContext();
  const page = await context.newPage();
  const lines: string[] = [];
  page.on("console", (message: ConsoleMessage) => lines.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => lines.push(`error: ${error}`));
  const websockets: string[] = [];
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  devtools.on("Network.webSocketCreated", ({ url }) => websockets.push(url));
  await context.addCookies([{ name: "informejo_session", value: person.token, url: desk.url }]);
  await page.goto(`${desk.url}/app/tickets`);
  await inState(page, "connected");
  return { page, context, lines, websockets };
}

async function inState(page: Page, state: string): Promise<void> {
  await page.waitForFunction((wanted) => window.realtime.client.status().state === wanted, state);
}

function join(page: Page, ticket: string): Promise<boolean> {
  return page.evaluate(async (id) => (await window.realtime.client.joinTicket(id)).ok, ticket);
}

function comments(page: Page): Promise<string[]> {
  return page.evaluate(() => window.realtime.comments);
}

/** Errors of the console, but for those by which the browser itself says that a connection failed. */
function errors(lines: string[]): string[] {
  return lines.filter(
    (line) => line.startsWith("error:") && !/WebSocket connection to|Failed to load resource/.test(line),
  );
}

test("S-025, S-033, S-034, S-037, S-143: it connects on load, says so, and shows in the network panel", async () => {
  const { page, context, lines, websockets } = await tab(desk.admin);
  const id = await page.evaluate(() => window.realtime.client.id);
  assert.deepEqual(lines, [
    `log: [Socket.IO] Connecting to: ${desk.url}`,
    `log: [Socket.IO] Connected successfully: ${id}`,
  ]);
  assert.equal(websockets.length, 1);
  const { pathname, search } = new URL(websockets[0]!);
  assert.equal(pathname + search, "/socket.io/?EIO=4&transport=websocket");
  await context.close();
});

test("S-035: a comment shows in another window at once, without a refresh", async () => {
  const person = await desk.person();
  const ticket = await desk.ticket(person);
  const [one, other] = [await tab(person), await tab(desk.admin)];
  assert.ok((await join(one.page, ticket.id)) && (await join(other.page, ticket.id)));
  await desk.comment(person, ticket.id, "It is still warm");
  for (const { page, lines, context } of [one, other]) {
    await page.waitForSelector("#comments li:text('It is still warm')");
    assert.deepEqual(errors(lines), []);
    await context.close();
  }
});

test("S-141: one connection survives going from page to page", async () => {
  const { page, context, lines, websockets } = await tab(desk.admin);
  const id = await page.evaluate(() => window.realtime.client.id);
  for (const path of ["/app/tickets/1", "/app/people", "/app/tickets"]) {
    const isSame = await page.evaluate(
      (to) => (window as never as { navigate: (to: string) => boolean }).navigate(to),
      path,
    );
    assert.ok(isSame);
  }
  assert.equal(await page.evaluate(() => window.realtime.client.id), id);
  assert.equal(websockets.length, 1);
  assert.ok(!lines.some((line) => line.includes("Cleaning up")));
  await context.close();
});

test("S-130, S-132, S-134, S-143: without a network it says so within a second; with one it is back at once, and complete", async () => {
  const person = await desk.person();
  const ticket = await desk.ticket(person);
  const { page, context, lines } = await tab(person);
  assert.ok(await join(page, ticket.id));
  await desk.comment(person, ticket.id, "Before");
  await until("the comment", async () => (await comments(page)).length === 1);

  await context.setOffline(true);
  const cut = Date.now();
  await inState(page, "offline");
  assert.ok(Date.now() - cut < 1_000, "S-130: seen within a second");
  await desk.comment(person, ticket.id, "Meanwhile");
  const stale = await page.evaluate(() => window.realtime.client.status());
  assert.equal(stale.reason, "no network");
  assert.ok(stale.lastUpdated !== null && stale.lastUpdated <= cut + 1_000);

  const before = await page.evaluate(() => window.realtime.statuses.length);
  await context.setOffline(false);
  await inState(page, "connected");
  await desk.comment(person, ticket.id, "After");
  await until("all comments", async () => (await comments(page)).length >= 3);
  assert.deepEqual(await comments(page), ["Before", "Meanwhile", "After"]);
  const statuses = await page.evaluate((from) => window.realtime.statuses.slice(from), before);
  const reconnecting = statuses.filter((status) => status.startsWith("Reconnecting in"));
  assert.deepEqual(reconnecting, [], "no waiting once the network is back");
  assert.deepEqual(
    lines.filter((line) => line.startsWith("error:")),
    [],
  );
  await context.close();
});

test("S-132: a tab that is looked at again tries at once", async () => {
  const { page, context, lines } = await tab(desk.admin);
  await desk.end("SIGKILL");
  // Once the next attempt is some seconds away, the server is there again and the tab comes to the front.
  await page.waitForFunction(() => (window.realtime.client.status().retryInSeconds ?? 0) >= 3);
  await desk.start();
  const isEarly = page.evaluate(
    () =>
      new Promise<number | null>((resolve) => {
        window.realtime.client.onStatus(
          ({ state }) => state === "reconnecting" && resolve(performance.now()),
        );
        document.dispatchEvent(new Event("visibilitychange"));
      }),
  );
  assert.ok(await isEarly);
  await inState(page, "connected");
  assert.ok(
    lines.some((line) => line.startsWith("warning: [Socket.IO] Connection error: ")),
    "S-039",
  );
  assert.deepEqual(errors(lines), []);
  await context.close();
});
