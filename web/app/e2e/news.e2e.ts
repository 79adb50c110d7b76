import { expect, test } from "vitest";
import { openWorld, type Page, until } from "./world";

const world = openWorld();

const connected = (page: Page) => page.locator("[data-connection=connected]").waitFor();
const toasts = (page: Page) => page.locator("[data-toast]");
const toast = (page: Page, text: string | RegExp) => toasts(page).filter({ hasText: text });
/** What the toasts say, the oldest first. */
const words = (page: Page) => toasts(page).locator("p").allInnerTexts();
/** Waits until so many are unread, as the bell says to screen readers. */
const unread = (page: Page, n: number) =>
  page
    .getByRole("link", { name: n === 0 ? "Notifications" : `Notifications, ${n} unread`, exact: true })
    .waitFor();

test("agents hear of new tickets, of what is assigned to them and said there: linked, bundled, not of their own acts", async () => {
  const { ada, bruno, ulla, viktor } = world.people;
  const page = await world.page(ada, { path: "/admin/users" });
  await connected(page);
  await unread(page, 0);

  // One's own act first, from elsewhere: had it been told of, it would have been before the other's.
  const own = await ada.createTicket({ title: "Something of Ada's own" });
  const ticket = await ulla.createTicket({ title: "The printer burns" });
  await toast(page, "New ticket: “The printer burns”").waitFor();
  expect(await words(page)).toEqual(["New ticket: “The printer burns”"]);
  await unread(page, 1);
  // What is read out is in a polite region.
  expect(await page.getByRole("status", { name: "Messages" }).getAttribute("aria-live")).toBe("polite");
  await toast(page, "The printer burns").getByRole("link").click();
  await page.waitForURL(`**/admin/tickets/${ticket.id}`);
  await unread(page, 0);

  // What happens before one's eyes needs no words.
  await ulla.comment(ticket.id, "It still burns.");
  await page.getByText("It still burns.").waitFor();
  await bruno.change(ticket.id, { assignedToId: ada.id });
  await page.goto("/admin/users");
  await connected(page);

  const other = await viktor.createTicket({ title: "The lamp is dark" });
  await toast(page, "New ticket: “The lamp is dark”").waitFor();
  await bruno.change(other.id, { assignedToId: ada.id });
  await toast(page, "Assigned to you: “The lamp is dark”").waitFor();
  await viktor.comment(other.id, "It flickers now.");
  await toast(page, "Viktor Varga commented on “The lamp is dark”").waitFor();
  await bruno.comment(other.id, "Can you look, @Ada?", { isInternal: true });
  await toast(page, "Bruno Brandt mentioned you on “The lamp is dark”").waitFor();
  expect(await toasts(page).count()).toBeLessThanOrEqual(3);
  await unread(page, 4);

  // A burst is one toast.
  const burst = Array.from({ length: 5 }, (_, n) => viktor.createTicket({ title: `Lamp number ${n}` }));
  await Promise.all(burst);
  await toast(page, /^[56] new tickets$/).waitFor();
  expect(await toasts(page).count()).toBeLessThanOrEqual(3);
  await unread(page, 9);
  await toast(page, "new tickets").getByRole("link").click();
  await page.waitForURL("**/admin/tickets");

  // The centre has them all, and none of one's own.
  await page.locator("#bell").click();
  await page.getByRole("heading", { level: 1, name: "Notifications" }).waitFor();
  const lines = page.locator("[data-note]");
  expect(await lines.filter({ hasText: "Lamp number" }).count()).toBe(5);
  expect(await lines.filter({ hasText: own.title }).count()).toBe(0);
  await lines
    .filter({ hasText: "mentioned you" })
    .getByRole("button", { name: /^Mark as read/ })
    .click();
  await unread(page, 8);
  await page.getByRole("button", { name: "Unread" }).click();
  await until("only unread ones", async () => ((await lines.count()) === 8 ? true : null));

  // Muted, they only wait there; in all tabs, and after loading again.
  await page.getByRole("checkbox", { name: /^Show messages as they come/ }).click();
  await page.getByRole("link", { name: "Users" }).click();
  await ulla.createTicket({ title: "Nobody is told of this" });
  await unread(page, 9);
  await page.reload();
  await unread(page, 9);
  await connected(page);
  await ulla.createTicket({ title: "Nor of this" });
  await unread(page, 10);
  expect(await words(page)).toEqual([]);
  await page.locator("#bell").click();
  await page.getByRole("checkbox", { name: /^Show messages as they come/ }).click();
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await unread(page, 0);
  await page.getByRole("button", { name: "Unread" }).click();
  await page.getByText("Nothing new").waitFor();
  await page.getByRole("button", { name: "All", exact: true }).click();
  await lines.first().waitFor();
  // What comes while one looks at them is there, and needs no toast on top of it.
  await ulla.createTicket({ title: "Seen as it comes" });
  await lines.filter({ hasText: "Seen as it comes" }).waitFor();
  await unread(page, 1);
  expect(await words(page)).toEqual([]);
  await page.getByRole("button", { name: "Clear all" }).click();
  await until("nothing", async () => ((await lines.count()) === 0 ? true : null));
});

test("requesters hear of replies and of the status of their tickets, and of nothing that is not theirs", async () => {
  const { ada, ulla, viktor } = world.people;
  const ticket = await ulla.createTicket({ title: "The chair squeaks" });
  const foreign = await viktor.createTicket({ title: "Viktor's secret chair" });
  const page = await world.page(ulla, { path: "/dashboard" });
  await connected(page);

  await ada.comment(foreign.id, "Not for Ulla.");
  await ada.comment(ticket.id, "An internal word.", { isInternal: true });
  await ulla.comment(ticket.id, "Louder every day.");
  await ada.comment(ticket.id, "Which chair is it?");
  await toast(page, "Ada Agent replied on “The chair squeaks”").waitFor();
  await ada.change(ticket.id, { priority: "HIGH" });
  await ada.change(ticket.id, { status: "WAITING" });
  await toast(page, "“The chair squeaks” is now: Waiting").waitFor();
  expect(await words(page)).toEqual([
    "Ada Agent replied on “The chair squeaks”",
    "“The chair squeaks” is now: Waiting",
  ]);
  await unread(page, 2);

  // The focus gets there by a key, holds it, and Escape closes it and goes back.
  await page.locator("#bell").focus();
  await page.keyboard.press("F8");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("is now: Waiting");
  await page.keyboard.press("Escape");
  await toast(page, "is now: Waiting").waitFor({ state: "detached" });
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("bell");

  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Notifications" }).waitFor();
  expect(await page.locator("[data-note]").count()).toBe(2);
  expect(await page.locator("main").innerText()).not.toContain("secret");
  await page.getByRole("link", { name: "“The chair squeaks” is now: Waiting" }).click();
  await page.waitForURL(`**/tickets/${ticket.id}`);
  await unread(page, 0);

  // What was missed while the connection was cut is kept, without a toast.
  await ada.delete(`/api/tickets/${(await ulla.createTicket({ title: "To be deleted" })).id}`);
  await page.locator("#bell").click();
  await page.locator("[data-note=deleted]", { hasText: "“To be deleted” was deleted" }).waitFor();
});

test("what was missed is kept without a toast, and each is noted once", async () => {
  const { ada, ulla } = world.people;
  const ticket = await ulla.createTicket({ title: "The window is stuck" });
  const page = await world.page(ulla, { path: null });
  let isCut = false;
  const sockets: { close: () => Promise<void> }[] = [];
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    if (isCut) return void socket.close();
    const server = socket.connectToServer();
    sockets.push({ close: async () => (await socket.close(), await server.close()) });
    return undefined;
  });
  await page.route(/\/socket\.io\//, (route) => (isCut ? route.abort("failed") : route.continue()));
  await page.goto("/dashboard");
  await connected(page);

  world.announce(/socket\.io/, /\[Socket\.IO\]/);
  isCut = true;
  await Promise.all(sockets.map((socket) => socket.close()));
  await page.locator("[data-connection^=reconnecting]").waitFor();
  await ada.comment(ticket.id, "Try it with oil.");
  await ada.change(ticket.id, { status: "IN_PROGRESS" });
  isCut = false;
  await page.locator("#connection").click();
  await page.getByRole("button", { name: "Try now" }).click();
  await connected(page);
  await unread(page, 2);
  // A later one is shown: had the others been, they would be beside it.
  await ada.comment(ticket.id, "Did it help?");
  await toast(page, "Ada Agent replied on “The window is stuck”").waitFor();
  expect(await words(page)).toHaveLength(1);
  await unread(page, 3);

  // Another tab hears of the same things, and notes none twice.
  const second = await page.context().newPage();
  await second.goto("/notifications");
  await connected(second);
  await ada.comment(ticket.id, "Hello?");
  await unread(second, 4);
  await unread(page, 4);
  expect(await second.locator("[data-note]").count()).toBe(4);
  await second.getByRole("button", { name: "Mark all as read" }).click();
  await unread(page, 0);
});
