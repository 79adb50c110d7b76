// What an operator looks at and does, while others work and notice nothing.
import { expect, test } from "vitest";
import type { Projection } from "@/api/schema";
import { openWorld, type Page, until } from "./world";

const world = openWorld();

const generation = (page: Page) => page.getByText(/^\d+ \(version \d+\)$/);

async function model(name: string): Promise<Projection> {
  const all = await world.people.otto.get<Projection[]>("/api/ops/projections");
  return all.find((one) => one.name === name)!;
}

async function confirm(page: Page, button: string, title: RegExp, words: RegExp): Promise<void> {
  await page.locator("main").getByRole("button", { name: button, exact: true }).click();
  const dialog = page.getByRole("dialog", { name: title });
  await dialog.getByText(words).waitFor();
  await dialog.getByRole("button", { name: button, exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
}

test("a read model is rebuilt, swapped and taken back while somebody works, who notices nothing", async () => {
  const { otto, ada, ulla } = world.people;
  await Promise.all(
    Array.from({ length: 40 }, (_, index) => ulla.createTicket({ title: `Ticket number ${index}` })),
  );
  await ulla.createTicket({ title: "Newest of all" });
  const [agent, page] = await Promise.all([
    world.page(ada, { path: "/admin/tickets" }),
    world.page(otto, { path: "/ops" }),
  ]);
  await agent.getByText("Newest of all").waitFor();

  await page.getByRole("link", { name: "tickets", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Read model tickets" }).waitFor();
  await generation(page).waitFor();
  const before = await model("tickets");
  await page.getByText("There is none. After the next swap").waitFor();

  await confirm(page, "Rebuild", /Rebuild tickets\?/, /nobody who works notices anything/);
  await page.getByText(`Generation ${before.generation + 1} of tickets is live now.`).waitFor();
  await page.getByText(`Generation ${before.generation} (version ${before.version}), at position`).waitFor();
  expect((await model("tickets")).generation).toBe(before.generation + 1);
  await ulla.createTicket({ title: "Written after the swap" });
  await agent.getByText("Written after the swap").waitFor();

  await confirm(page, "Go back to it", /Go back in tickets\?/, /live again at once/);
  await page.getByText(`Generation ${before.generation} of tickets is live now.`).waitFor();
  expect((await model("tickets")).generation).toBe(before.generation);
  await ulla.createTicket({ title: "Written after going back" });
  await agent.getByText("Written after going back").waitFor();
  expect(await agent.getByText("Newest of all").count()).toBe(1);
  expect(await agent.getByRole("alert").count()).toBe(0);

  await confirm(page, "Give it up", /Give up the generation before/, /no longer kept current/);
  await page.getByText("There is none. After the next swap").waitFor();
  expect((await model("tickets")).previous ?? null).toBeNull();
});

test("a refusal is said in the server's words, and nothing happens", async () => {
  const page = await world.page(world.people.otto, { path: "/ops/projections/people" });
  await page.getByRole("button", { name: "Rebuild", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  // Somebody else was quicker: the answer of a server that rebuilds already.
  world.announce(/status of 409/);
  await page.route("**/api/ops/projections/people/rebuild", (route) =>
    route.fulfill({
      status: 409,
      contentType: "application/problem+json",
      body: JSON.stringify({
        type: "about:blank",
        title: "Conflict",
        status: 409,
        error: "It is being rebuilt already",
      }),
    }),
  );
  await dialog.getByRole("button", { name: "Rebuild", exact: true }).click();
  await dialog.getByRole("alert").getByText("It is being rebuilt already").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  expect((await model("people")).build ?? null).toBeNull();
});

test("read models, mail and the log are watched live, and no contents are shown", async () => {
  const { otto, ulla } = world.people;
  const page = await world.page(otto, { path: "/ops" });
  await page.getByRole("heading", { level: 3, name: "mail" }).waitFor();
  await page.getByText("At most").first().waitFor();
  await page.getByRole("link", { name: "Log", exact: true }).click();
  const head = page.locator("#log-head");
  const shown = async () => Number((await head.innerText()).replaceAll(/\D/g, ""));
  await page.getByRole("heading", { level: 2, name: "Heads" }).waitFor();
  const before = await until("the head", async () => (await shown()) || null);
  await ulla.createTicket({ title: "Secret contents" });
  await until("the head to move", async () => ((await shown()) > before ? true : null));
  expect(await page.content()).not.toContain("Secret contents");
});

test("admins and auditors may look, and not act", async () => {
  for (const person of [world.people.ada, world.people.alma]) {
    const page = await world.page(person, { path: "/ops/projections/tickets" });
    await page.getByText("You may look, and operators may act.").waitFor();
    await page.getByRole("heading", { level: 2, name: "Rebuild" }).waitFor();
    expect(await page.locator("main").getByRole("button", { name: "Rebuild" }).count()).toBe(0);
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Operations" }).waitFor();
  }
  const page = await world.page(world.people.ulla, { path: "/ops" });
  await page.getByRole("heading", { level: 1, name: "This page is not for you" }).waitFor();
});
