import { expect, test } from "vitest";
import type { Stats } from "@/api/schema";
import { openWorld, type Page, until } from "./world";

const world = openWorld();

/** The server tells a list's numbers once a second at most (S-128); the rest is for a machine that does much else. */
const WITHIN_MS = 1_000 + 1_500;

const PRIORITIES = ["CRITICAL", "HIGH", "MEDIUM", "LOW"] as const;

/** The card with this heading. */
const card = (page: Page, name: string) =>
  page.locator("[data-figure]").filter({ has: page.getByRole("heading", { name, exact: true }) });

/** What a card's drawing shows: its total, and how many of each priority. */
async function drawn(page: Page, name: string) {
  return await card(page, name)
    .locator("[data-donut]")
    .evaluate((donut) => ({
      total: donut.querySelector("svg text")?.textContent ?? null,
      parts: Object.fromEntries(
        [...donut.querySelectorAll<SVGElement>("svg [data-priority]")].map(({ dataset }) => [
          dataset["priority"],
          Number(dataset["n"]),
        ]),
      ),
    }));
}

/** What its table says, in the table's order. */
async function told(page: Page, name: string): Promise<string[][]> {
  return await card(page, name)
    .locator("[data-donut] table tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
}

/** Waits until cards show these totals; how long that took from `start` on, in milliseconds. */
async function follows(page: Page, start: number, totals: Record<string, number>): Promise<number> {
  for (const [name, total] of Object.entries(totals)) {
    await until(`${name} to be ${total}`, async () =>
      (await drawn(page, name)).total === String(total) ? true : null,
    );
  }
  return Date.now() - start;
}

/** Waits until the counter says so. */
const counts = (page: Page, name: string, n: number) =>
  until(`${name} to be ${n}`, async () => {
    const line = page.locator("dl[aria-label='Tickets by status'] > div", { hasText: name });
    return (await line.locator("dd").innerText()) === String(n) ? true : null;
  });

test("agents' and requesters' figures follow what others do, and each table is its drawing's twin", async () => {
  const { ada, bruno, ulla, viktor } = world.people;
  const printer = await ulla.createTicket({ title: "The printer burns", priority: "CRITICAL" });
  await ulla.createTicket({ title: "A second screen", priority: "LOW" });
  const secret = await viktor.createTicket({ title: "Viktor's own trouble", priority: "HIGH" });
  const [agent, requester, other] = await Promise.all([
    world.page(ada, { path: "/admin/dashboard" }),
    world.page(ulla, { path: "/dashboard" }),
    world.page(viktor, { path: "/dashboard" }),
  ]);

  await follows(agent, 0, { "Total tickets": 3, "Unassigned tickets": 3, "Assigned to me": 0 });
  await follows(requester, 0, { "My tickets": 2, Open: 2, "In progress": 0, Closed: 0 });
  await follows(other, 0, { "My tickets": 1 });
  await agent.getByText("No tickets assigned").waitFor();
  await requester.getByRole("heading", { level: 1, name: "Welcome, Ulla User" }).waitFor();

  // Somebody else takes it up, from elsewhere.
  let start = Date.now();
  await bruno.change(printer.id, { status: "IN_PROGRESS", assignedToId: ada.id });
  const took = [
    await follows(agent, start, { "Assigned to me": 1, "Unassigned tickets": 2, "Total tickets": 3 }),
    await follows(requester, start, { "In progress": 1, Open: 1 }),
  ];
  await counts(agent, "In progress", 1);
  const mine = agent.getByRole("region", { name: "My assigned tickets" });
  await mine.getByRole("link", { name: "The printer burns" }).waitFor();
  const unassigned = agent.getByRole("region", { name: "Open and unassigned" });
  await unassigned.getByRole("link", { name: "The printer burns" }).waitFor({ state: "detached" });
  await requester
    .getByRole("region", { name: "Recent tickets" })
    .getByRole("listitem")
    .filter({ hasText: "The printer burns" })
    .getByText("In progress")
    .waitFor();

  // A new one comes, and one is done: averages are there from then on.
  start = Date.now();
  await viktor.createTicket({ title: "The lamp is dark", priority: "MEDIUM" });
  took.push(await follows(agent, start, { "Total tickets": 4, "Unassigned tickets": 3 }));
  await unassigned.getByRole("listitem").first().getByRole("link", { name: "The lamp is dark" }).waitFor();
  const byCriticality = agent.getByRole("region", { name: "By criticality" });
  expect(await byCriticality.getByRole("row", { name: "Critical" }).innerText()).toContain("–");
  start = Date.now();
  await bruno.change(printer.id, { status: "RESOLVED" });
  took.push(await follows(requester, start, { Closed: 1, "In progress": 0, "My tickets": 2 }));
  await until("the average", async () =>
    /\d h/.test(await byCriticality.getByRole("row", { name: "Critical" }).innerText()) ? true : null,
  );
  await counts(agent, "Closed", 1);
  took.push(Date.now() - start);
  for (const ms of took) expect(ms).toBeLessThan(WITHIN_MS);

  // What is shown is what the server says, and the table says the same as the drawing.
  const stats = await ada.get<Stats>("/api/stats");
  const expected = {
    "Total tickets": stats.priorityBreakdown.all,
    "Unassigned tickets": stats.priorityBreakdown.unassigned,
    "Assigned to me": stats.priorityBreakdown.myAssigned,
  };
  for (const [name, figures] of Object.entries(expected)) {
    const drawing = await drawn(agent, name);
    expect(drawing.parts, name).toEqual(figures);
    const numbers = PRIORITIES.map((priority) => String(drawing.parts[priority] ?? 0));
    expect((await told(agent, name)).map(([, n]) => n)).toEqual([...numbers, drawing.total]);
  }

  // As tables, and back; it stands in the URL.
  const before = await told(agent, "Total tickets");
  await agent.getByRole("button", { name: "Show as tables" }).click();
  expect(new URL(agent.url()).search).toBe("?view=table");
  expect(await card(agent, "Total tickets").locator("svg").count()).toBe(0);
  expect(await card(agent, "Total tickets").getByRole("table").isVisible()).toBe(true);
  expect(await told(agent, "Total tickets")).toEqual(before);
  await agent.getByRole("button", { name: "Show as drawings" }).click();
  await card(agent, "Total tickets").locator("svg text").waitFor();

  // Whoever reports sees nothing of others'.
  expect((await drawn(other, "My tickets")).total).toBe("2");
  for (const page of [requester, other]) {
    const text = await page.locator("main").innerText();
    expect(text.includes(secret.title)).toBe(page === other);
    expect(text.includes(printer.title)).toBe(page === requester);
  }

  // The ways on.
  await agent.locator("#all-unassigned").click();
  await agent.getByRole("heading", { level: 1, name: "All tickets" }).waitFor();
  expect(new URL(agent.url()).search).toBe("?assignee=none&status=OPEN");
  await agent.getByRole("link", { name: "The lamp is dark" }).waitFor();
  expect(await agent.getByRole("link", { name: "The printer burns" }).count()).toBe(0);
});

test("who has no tickets is told what to do, and an agent with nothing to do that there is nothing", async () => {
  const newcomer = await world.register("Nina Newcomer");
  const [page, agent] = await Promise.all([
    world.page(newcomer, { path: "/dashboard" }),
    world.page(world.people.bruno, { path: "/admin/dashboard" }),
  ]);
  await page.getByText("No tickets yet").waitFor();
  await follows(page, 0, { "My tickets": 0 });
  await page.locator("main").getByRole("link", { name: "New ticket" }).first().click();
  await page.waitForURL("**/tickets/new");

  const { ada } = world.people;
  for (const { id, status } of await ada.get<{ id: string; status: string }[]>("/api/tickets")) {
    if (status === "OPEN") await ada.change(id, { assignedToId: ada.id });
  }
  await agent.getByText("All caught up!").waitFor();
});

test("agents see who is online and who is away; somebody with two tabs is one", async () => {
  const { ada, bruno, ulla } = world.people;
  const agent = await world.page(ada, { path: "/admin/dashboard" });
  const person = (id: string) =>
    agent.getByRole("region", { name: "Who is there" }).locator(`[data-person="${id}"]`);
  const is = (id: string, state: string) =>
    until(`${id} to be ${state}`, async () => {
      const states = await person(id).evaluateAll((all) => all.map((one) => one.getAttribute("data-state")));
      return states.join() === state ? true : null;
    });
  await is(ada.id, "online");

  const first = await world.page(bruno, { path: "/admin/users" });
  const second = await first.context().newPage();
  await second.goto("/admin/dashboard");
  await second.getByRole("region", { name: "Who is there" }).getByText("Ada Agent").waitFor();
  await is(bruno.id, "online");
  expect(await person(bruno.id).innerText()).toContain("Online");

  const show = async (page: Page, state: "hidden" | "visible") =>
    await page.evaluate((said) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => said });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await show(first, "hidden");
  await show(second, "hidden");
  await is(bruno.id, "away");
  expect(await person(bruno.id).innerText()).toContain("Away");
  await show(second, "visible");
  await is(bruno.id, "online");

  // The same in the header, from wherever one is; requesters have no such thing.
  await agent.getByRole("link", { name: "Users" }).click();
  await agent.getByRole("button", { name: "Who is there" }).click();
  await agent.getByRole("group", { name: "Who is there" }).getByText("Bruno Brandt").waitFor();
  await agent.keyboard.press("Escape");
  await agent.getByRole("link", { name: "Dashboard" }).click();
  const requester = await world.page(ulla, { path: "/dashboard" });
  await requester.locator("[data-connection=connected]").waitFor();
  expect(await requester.getByRole("button", { name: "Who is there" }).count()).toBe(0);

  await first.close();
  await is(bruno.id, "online");
  await second.close();
  await is(bruno.id, "");
});
