import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { openWorld, until } from "./world";

const world = openWorld();

/** The titles of the rows, from above. */
async function titles(page: Page): Promise<string[]> {
  const rows = await page.locator("[role=row][data-ticket]").evaluateAll((all) =>
    all.map((row) => ({
      title: row.querySelector("a")?.textContent ?? "",
      top: row.getBoundingClientRect().top,
    })),
  );
  return rows.toSorted((a, b) => a.top - b.top).map(({ title }) => title);
}

const showing = async (page: Page, ...wanted: string[]) =>
  await until(`${JSON.stringify(wanted)} in the list`, async () => {
    const shown = await titles(page).catch(() => []);
    return shown.join("\n") === wanted.join("\n") ? shown : null;
  }).catch(async (error: unknown) => {
    throw new Error(`${String(error)}; shown: ${JSON.stringify(await titles(page))}`);
  });

const count = (page: Page) => page.getByTestId("count");
const row = (page: Page, title: string) => page.getByRole("row").filter({ hasText: title });
const focused = async (page: Page) =>
  await page.evaluate(() => document.activeElement?.querySelector("a")?.textContent ?? "");
/** What is shown is what the server has: the live connection is there. */
const live = async (page: Page) => await count(page).getByText(/\d/).waitFor();

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** So many pages and tickets take their time on a small machine. */
const LONG = { timeout: 120_000 };

test(
  "lists follow what others do, each by its own filters, and nothing of others' is among one's own",
  LONG,
  async () => {
    const { ada, bruno, ulla, viktor } = world.people;
    const printer = await ulla.createTicket({ title: "Printer jams", priority: "LOW" });
    const phone = await viktor.createTicket({ title: "Phone is dead", priority: "HIGH" });
    const open = await world.page(ada, { path: "/admin/tickets?status=OPEN" });
    const important = await world.page(bruno, { path: "/admin/tickets?priority=HIGH,CRITICAL" });
    const own = await world.page(ulla, { path: "/tickets" });
    await showing(open, "Phone is dead", "Printer jams");
    await showing(important, "Phone is dead");
    await showing(own, "Printer jams");
    for (const page of [open, important, own]) await live(page);

    await viktor.createTicket({ title: "Screen flickers", priority: "CRITICAL" });
    await showing(open, "Screen flickers", "Phone is dead", "Printer jams");
    await showing(important, "Screen flickers", "Phone is dead");
    await count(open).getByText("3 tickets").waitFor();
    await count(important).getByText("2 of 3 tickets").waitFor();
    // What concerns her comes; what does not, did not come before it.
    await ada.change(printer.id, { priority: "CRITICAL", assignedToId: bruno.id });
    await row(own, "Printer jams").getByText("Bruno Brandt").waitFor();
    await showing(own, "Printer jams");
    await count(own).getByText("1 ticket").waitFor();
    await showing(important, "Screen flickers", "Phone is dead", "Printer jams");

    await bruno.change(phone.id, { status: "RESOLVED" });
    await showing(open, "Screen flickers", "Printer jams");
    await bruno.change(phone.id, { priority: "LOW" });
    await showing(important, "Screen flickers", "Printer jams");
    await ada.comment(printer.id, "Which tray?");
    await row(own, "Printer jams").getByTitle("1 comment").waitFor();
    await ada.comment(printer.id, "Tray two, I bet.", { isInternal: true });
    await row(important, "Printer jams").getByTitle("2 comments").waitFor();
    expect(await row(own, "Printer jams").getByTitle("1 comment").count()).toBe(1);

    const { guest } = await world.guest("Gitta Guest", { title: "Badge opens no door" });
    await row(open, "Badge opens no door").getByText("Guest", { exact: true }).waitFor();
    const theirs = await world.page(guest, { path: "/tickets" });
    await showing(theirs, "Badge opens no door");
    await ada.delete(`/api/tickets/${printer.id}`);
    await showing(open, "Badge opens no door", "Screen flickers");
    await own.getByText("No tickets yet").waitFor();
  },
);

test(
  "scroll, selection and focus stay while tickets come and go, and Back leads to where one was",
  LONG,
  async () => {
    const { ada, ulla } = world.people;
    const made = [];
    for (let n = 1; n <= 40; n += 1) made.push(await ulla.createTicket({ title: `Chair ${n} squeaks` }));
    const page = await world.page(ada, { path: "/admin/tickets?q=squeaks" });
    await row(page, "Chair 40 squeaks").waitFor();
    await live(page);
    await press(page, ..."j".repeat(25));
    expect(await focused(page)).toBe("Chair 16 squeaks");
    await press(page, "x");
    const top = async () => (await row(page, "Chair 16 squeaks").boundingBox())?.y;
    const before = await top();
    await ulla.createTicket({ title: "Chair 41 squeaks" });
    await count(page).getByText("41 of").waitFor();
    await ada.delete(`/api/tickets/${made[38]!.id}`);
    await ada.delete(`/api/tickets/${made[37]!.id}`);
    await count(page).getByText("39 of").waitFor();
    expect(await focused(page)).toBe("Chair 16 squeaks");
    expect(Math.abs((await top())! - before!)).toBeLessThan(1.5);
    await page.getByRole("toolbar", { name: "1 selected" }).waitFor();
    expect(await row(page, "Chair 16 squeaks").getAttribute("aria-selected")).toBe("true");

    // It leaves the list, and not the hands of whoever is at it.
    await ulla.patch(`/api/tickets/${made[15]!.id}`, { title: "Chair 16 is silent" });
    await row(page, "Chair 16 is silent").getByText("No longer in this list").waitFor();
    expect(await focused(page)).toBe("Chair 16 is silent");
    await press(page, "j");
    expect(await focused(page)).toBe("Chair 15 squeaks");
    await row(page, "Chair 16 is silent").waitFor({ state: "detached" });

    const scrolled = await page.evaluate(() => window.scrollY);
    expect(scrolled).toBeGreaterThan(300);
    await press(page, "Enter");
    await page.getByRole("heading", { name: "Chair 15 squeaks" }).waitFor();
    await page.goBack();
    await until(
      "the row has the focus again",
      async () => (await focused(page)) === "Chair 15 squeaks" || null,
    );
    expect(Math.abs((await page.evaluate(() => window.scrollY)) - scrolled)).toBeLessThan(60);
    expect(new URL(page.url()).search).toBe("?q=squeaks");

    // Filters are entries of the history.
    await page.getByRole("combobox", { name: "Priority" }).selectOption("Critical");
    await page.getByText("No ticket fits these filters.").waitFor();
    expect(new URL(page.url()).search).toBe("?priority=CRITICAL&q=squeaks");
    await page.goBack();
    await row(page, "Chair 15 squeaks").waitFor();
    await page.getByRole("combobox", { name: "Priority" }).selectOption("Critical");
    await page.getByRole("link", { name: "Reset filters" }).click();
    await row(page, "Chair 41 squeaks").waitFor();
    expect(new URL(page.url()).search).toBe("");
  },
);

test("three keys are enough for triage, also for several tickets at once", async () => {
  const { ada, bruno, ulla } = world.people;
  const first = await ulla.createTicket({ title: "Mouse bites" });
  const second = await ulla.createTicket({ title: "Mouse sleeps" });
  const page = await world.page(ada, { path: "/admin/tickets?q=mouse" });
  const other = await world.page(bruno, { path: "/admin/tickets?q=mouse" });
  await showing(page, "Mouse sleeps", "Mouse bites");
  await showing(other, "Mouse sleeps", "Mouse bites");
  await live(page);
  await live(other);

  await press(page, "j", "s", "3");
  await row(page, "Mouse sleeps").getByText("Waiting").waitFor();
  await row(other, "Mouse sleeps").getByText("Waiting").waitFor();
  await press(page, "p", "1");
  await row(other, "Mouse sleeps").getByText("Critical").waitFor();
  await press(page, "a", "1");
  await row(other, "Mouse sleeps").getByText("Ada Agent").waitFor();
  expect(await focused(page)).toBe("Mouse sleeps");

  await press(page, "x", "j", "x", "a");
  const menu = page.getByRole("menu", { name: "Who works on 2 tickets" });
  await menu.getByRole("menuitemradio", { name: "Bruno Brandt" }).click();
  await until("both are Bruno's", async () => {
    const assigned = await Promise.all(
      [first, second].map(async ({ id }) => (await ada.ticket(id)).assignedToId),
    );
    return assigned.every((id) => id === bruno.id) || null;
  });
  await press(page, "Escape");
  await page.getByRole("toolbar").waitFor({ state: "detached" });

  // The arrows and the first letters do as well, and Escape changes nothing.
  await press(page, "s", "r", "Enter");
  await row(other, "Mouse bites").getByText("Resolved").waitFor();
  await press(page, "p");
  await page.getByRole("menu").waitFor();
  await press(page, "ArrowDown", "Escape");
  await page.getByRole("menu").waitFor({ state: "detached" });
  expect(await focused(page)).toBe("Mouse bites");
  expect((await ada.ticket(first.id)).priority).toBe("MEDIUM");

  // Old links of the original are understood.
  await page.goto("/admin/tickets?filter=unassigned");
  await page.getByRole("link", { name: "Unassigned" }).and(page.locator("[aria-current=page]")).waitFor();
  await page.goto("/admin/tickets?filter=assigned-to-me");
  expect(await page.getByRole("combobox", { name: "Assignment" }).inputValue()).toBe("me");
});

test("what is decided without a network is kept, merged where it differs, and asked about where it collides", async () => {
  const { ada, bruno, ulla } = world.people;
  const merged = await ulla.createTicket({ title: "Lamp hums" });
  const disputed = await ulla.createTicket({ title: "Lamp blinks" });
  const page = await world.page(ada, { path: "/admin/tickets?q=lamp" });
  await showing(page, "Lamp blinks", "Lamp hums");
  await live(page);
  world.announce(/412/);
  await world.cut(page.context(), true);
  await press(page, "j", "s", "3", "j", "p", "1");
  await row(page, "Lamp blinks").getByText("Not sent yet").waitFor();
  await row(page, "Lamp blinks").getByText("Waiting").waitFor();
  await row(page, "Lamp hums").getByText("Critical").waitFor();
  await bruno.change(disputed.id, { status: "RESOLVED" });
  await bruno.change(merged.id, { status: "IN_PROGRESS" });
  await world.cut(page.context(), false);

  const dialog = page.getByRole("dialog", { name: "Somebody was quicker" });
  await dialog.waitFor();
  await dialog.getByRole("row").filter({ hasText: "Resolved" }).filter({ hasText: "Waiting" }).waitFor();
  await dialog.getByRole("button", { name: "Use mine" }).click();
  await until("mine holds", async () => (await ada.ticket(disputed.id)).status === "WAITING" || null);
  await until("both hold", async () => {
    const { status, priority } = await ada.ticket(merged.id);
    return (status === "IN_PROGRESS" && priority === "CRITICAL") || null;
  });
  await row(page, "Lamp hums").getByText("In progress").waitFor();
  await page.getByText("Not sent yet").first().waitFor({ state: "detached" });
});

test("agents see who looks at a ticket", async () => {
  const { ada, bruno, ulla } = world.people;
  const { id } = await ulla.createTicket({ title: "Window does not close" });
  const list = await world.page(ada, { path: "/admin/tickets?q=window" });
  await row(list, "Window does not close").waitFor();
  await live(list);
  const detail = await world.page(bruno, { path: `/admin/tickets/${id}` });
  await detail.getByRole("heading", { name: "Window does not close" }).waitFor();
  await row(list, "Window does not close").getByTitle("Looked at by Bruno Brandt").waitFor();
  await detail.goto("/admin/dashboard");
  await row(list, "Window does not close")
    .getByTitle(/Looked at/)
    .waitFor({ state: "detached" });
});

test("a ticket is created with its files, and what was typed survives", async () => {
  const { ulla } = world.people;
  const page = await world.page(ulla, { path: "/tickets/new" });
  await page.getByLabel("Title").fill("Desk");
  await page.getByRole("button", { name: "Create ticket" }).click();
  await page.getByText("Write at least 5 letters.").waitFor();
  await page.getByLabel("Title").fill("Desk wobbles");
  await page.getByLabel("Description").fill("One leg is shorter than the others.");
  await page.reload();
  expect(await page.getByLabel("Description").inputValue()).toBe("One leg is shorter than the others.");
  await page.locator("input[type=file]").setInputFiles([
    { name: "desk.txt", mimeType: "text/plain", buffer: Buffer.from("wobble") },
    { name: "leg.txt", mimeType: "text/plain", buffer: Buffer.from("short") },
  ]);
  await page.getByRole("button", { name: "Create ticket" }).click();
  await page.getByRole("heading", { name: "Desk wobbles" }).waitFor();
  await page.getByText("desk.txt").first().waitFor();
  const id = new URL(page.url()).pathname.split("/").at(-1)!;
  await until("both files", async () => (await ulla.ticket(id))._count.attachments === 2 || null);
  await page.goto("/tickets/new");
  expect(await page.getByLabel("Title").inputValue()).toBe("");
});

test("the palette leads anywhere, and the list of keys tells them", async () => {
  const { ada } = world.people;
  const page = await world.page(ada, { path: "/admin/tickets" });
  await live(page);
  await press(page, "?");
  const list = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await list.getByText("Change the status").waitFor();
  await press(page, "Escape");
  await list.waitFor({ state: "detached" });

  await press(page, "Control+k");
  const field = page.getByRole("combobox", { name: "Go anywhere" });
  await field.fill("user");
  await page.getByRole("option", { name: "Users" }).waitFor();
  await press(page, "Enter");
  await page.getByRole("heading", { name: /user/i }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/admin/users");

  await page.getByRole("button", { name: "Search" }).click();
  await field.fill("high contrast");
  await press(page, "Enter");
  expect(await page.evaluate(() => document.documentElement.dataset["theme"])).toBe("contrast");
  await field.waitFor({ state: "detached" });
});

test("every text is searched, typing errors are forgiven, and what one may not see is not found", async () => {
  const { ada, ulla, viktor } = world.people;
  const own = await ulla.createTicket({ title: "Coffee machine leaks", description: "There is a puddle." });
  await viktor.createTicket({ title: "Coffee tastes odd" });
  await ada.comment(own.id, "The plumber knows a trick", { isInternal: true });
  const page = await world.page(ada, { path: "/admin/tickets" });
  await live(page);
  await press(page, "Control+k");
  await page.getByRole("combobox", { name: "Go anywhere" }).fill("plumbr");
  const option = page.getByRole("option", { name: "Coffee machine leaks" });
  await option.getByText("plumber").and(page.locator("mark")).waitFor();
  await option.click();
  await page.getByRole("heading", { name: "Coffee machine leaks" }).waitFor();

  const theirs = await world.page(ulla, { path: "/search?q=coffee" });
  await theirs.getByText("1 ticket found").waitFor();
  await theirs.getByRole("link", { name: "Coffee machine leaks" }).waitFor();
  await theirs.getByRole("searchbox").fill("plumber");
  await theirs.getByText("Nothing found").waitFor();
  expect(new URL(theirs.url()).search).toBe("?q=plumber");
  await theirs.getByRole("searchbox").fill("puddle");
  await theirs.getByRole("listitem").filter({ hasText: "Description" }).locator("mark").waitFor();
});
