import { expect, test } from "vitest";
import { openWorld, type Page, until } from "./world";

const world = openWorld();

/** Seen within a second of the cut (S-130); the rest is for a machine that does much else. */
const WITHIN_MS = 1_000 + 500;

const indicator = (page: Page) => page.locator("#connection");
const is = (page: Page, state: string) => page.locator(`[data-connection=${state}]`).waitFor();
/** What the indicator says, for eyes and for screen readers. */
const saying = async (page: Page) => await indicator(page).getAttribute("aria-label");
/** Notes what is announced politely. */
const listen = (page: Page) =>
  page.evaluate(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    const region = document.querySelector("[aria-live=polite].sr-only");
    new MutationObserver(() => heard.push(region?.textContent ?? "")).observe(region!, {
      childList: true,
      subtree: true,
      characterData: true,
    });
  });
const heard = (page: Page) => page.evaluate(() => (window as unknown as { heard: string[] }).heard);

test("a server that dies is seen at once, what is written is kept, and goes out once it is back", async () => {
  const { ada, ulla } = world.people;
  const ticket = await ulla.createTicket({ title: "The printer burns" });
  const page = await world.page(ulla, { path: `/tickets/${ticket.id}` });
  await is(page, "connected");
  expect(await saying(page)).toBe("Connection: Connected");
  await page.getByRole("heading", { level: 1, name: "The printer burns" }).waitFor();
  await listen(page);

  const start = Date.now();
  await world.kill();
  await page.locator("[data-connection^=reconnecting]").waitFor();
  expect(Date.now() - start).toBeLessThan(WITHIN_MS);
  expect(await indicator(page).innerText()).toMatch(/^Reconnecting(…| in \d+ s) \(attempt \d+\)$/);
  await until("a countdown", async () =>
    /^Reconnecting in \d+ s \(attempt [2-9]\)$/.test(await indicator(page).innerText()) ? true : null,
  );
  const banner = page.locator("[data-banner]");
  expect(await banner.innerText()).toMatch(
    /^You see the state of \d{1,2}:\d\d:\d\d( [AP]M)?\. What you send is kept and sent later\.$/,
  );

  // What is sent now waits, and is seen to.
  await page.getByRole("textbox", { name: "Write a comment" }).fill("It still burns.");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await until("the unsent comment", async () =>
    (await indicator(page).innerText()).endsWith("· 1 unsent") ? true : null,
  );
  await indicator(page).click();
  const details = page.getByRole("group", { name: "Connection" });
  await details.getByText("It still burns.").waitFor();
  expect(await details.locator("[data-last-updated]").innerText()).toMatch(/^\d{1,2}:\d\d:\d\d/);
  await page.keyboard.press("Escape");
  await details.waitFor({ state: "hidden" });

  // It survives that the page is loaded anew as soon as there is a server again.
  await world.restart();
  await is(page, "connected");
  await until("nothing unsent", async () => ((await saying(page)) === "Connection: Connected" ? true : null));
  await banner.waitFor({ state: "detached" });
  const { comments } = await ada.ticket(ticket.id);
  expect(comments?.map(({ content }) => content)).toEqual(["It still burns."]);
  // Each change was said once, and no countdown.
  await until("the announcements", async () =>
    (await heard(page)).includes("Everything has been sent.") ? true : null,
  );
  const said = (await heard(page)).filter((one) =>
    /connection is lost|Connected again|has been sent/.test(one),
  );
  expect(new Set(said)).toEqual(
    new Set([
      "The connection is lost. What you send is kept.",
      "Connected again. Everything is up to date.",
      "Everything has been sent.",
    ]),
  );
  expect((await heard(page)).some((one) => one.includes("Reconnecting"))).toBe(false);
});

test("without a network it says since when, and what was thought better of is not sent", async () => {
  const { ada, ulla } = world.people;
  const ticket = await ulla.createTicket({ title: "The lamp is dark" });
  const page = await world.page(ulla, { path: `/tickets/${ticket.id}` });
  await is(page, "connected");
  await page.getByRole("heading", { level: 1, name: "The lamp is dark" }).waitFor();

  const start = Date.now();
  await world.cut(page.context(), true);
  await is(page, "offlineSince");
  expect(Date.now() - start).toBeLessThan(WITHIN_MS);
  expect(await indicator(page).innerText()).toMatch(/^Offline since \d{1,2}:\d\d:\d\d( [AP]M)?$/);
  await page.locator("[data-banner]").waitFor();

  const composer = page.getByRole("textbox", { name: "Write a comment" });
  for (const words of ["Thought better of.", "To be sent."]) {
    await composer.fill(words);
    await page.getByRole("button", { name: "Send", exact: true }).click();
  }
  await until("both", async () => ((await indicator(page).innerText()).endsWith("· 2 unsent") ? true : null));
  await indicator(page).click();
  await page.getByRole("button", { name: "Discard: Comment: Thought better of." }).click();
  await until("one", async () => ((await indicator(page).innerText()).endsWith("· 1 unsent") ? true : null));
  await page.keyboard.press("Escape");

  await world.cut(page.context(), false);
  await is(page, "connected");
  await until("nothing unsent", async () => ((await saying(page)) === "Connection: Connected" ? true : null));
  const { comments } = await ada.ticket(ticket.id);
  expect(comments?.map(({ content }) => content)).toEqual(["To be sent."]);
});

test("figures catch up after a cut, on a phone and in another language too", async () => {
  const { ada, ulla } = world.people;
  const [page, phone] = await Promise.all([
    world.page(ada, { path: "/admin/dashboard" }),
    world.page(ulla, { path: "/dashboard", width: 320, language: "ar" }),
  ]);
  await Promise.all([is(page, "connected"), is(phone, "connected")]);
  const total = page.locator("[data-figure=total] svg text");
  await until("the total", async () => ((await total.innerHTML()) === "2" ? true : null));
  await world.kill();
  await Promise.all([
    page.locator("[data-connection^=reconnecting]").waitFor(),
    phone.locator("[data-connection^=reconnecting]").waitFor(),
  ]);
  const { width, inner } = await phone.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    inner: window.innerWidth,
  }));
  expect(width).toBeLessThanOrEqual(inner);
  await world.restart();
  await ulla.createTicket({ title: "Made while nobody listened" });
  await until("the new total", async () => ((await total.innerHTML()) === "3" ? true : null));
  await Promise.all([is(page, "connected"), is(phone, "connected")]);
});

test("what is said while a ticket is being fetched is not missed", async () => {
  const { ada, ulla } = world.people;
  const ticket = await ulla.createTicket({ title: "The door sticks" });
  const page = await world.page(ulla, { path: null });
  const joined = () => page.locator("[data-connection=connected]").waitFor();
  let isFirst = true;
  // The first answer is old before it arrives: it is held until the page has heard of what came after it.
  await page.route(`**/api/tickets/${ticket.id}`, async (route) => {
    if (!isFirst) return await route.continue();
    isFirst = false;
    const answer = await route.fetch();
    await ada.comment(ticket.id, "Push harder.");
    await joined();
    return await route.fulfill({ response: answer });
  });
  await page.goto(`/tickets/${ticket.id}`);
  await page.getByText("Push harder.").waitFor();
  expect(await page.getByText("Push harder.").count()).toBe(1);
});
