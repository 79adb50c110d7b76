// What an auditor looks at: a ticket as it was after each of its events, the desk as it was, and whether to believe it.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import type { HistoryStep, Ticket, Verification } from "@/api/schema";
import { openWorld, type Page, until } from "./world";
import { program } from "./world/server";

const world = openWorld();
let ticket: Ticket;
let steps: HistoryStep[];

/** A ticket to which everything has happened that can. */
beforeAll(async () => {
  const { ulla, ada, bruno, alma } = world.people;
  ticket = await ulla.createTicket({ title: "Printer on fir", description: "It smokes since Monday." });
  await ulla.change(ticket.id, { title: "Printer on fire" });
  await ada.change(ticket.id, { assignedToId: bruno.id });
  await bruno.comment(ticket.id, "I bring the extinguisher.");
  await bruno.comment(ticket.id, "Third one this month.", { isInternal: true });
  await ulla.attach(ticket.id, "flames.txt", "hot");
  await bruno.change(ticket.id, { status: "IN_PROGRESS" });
  await ulla.change(ticket.id, { description: "It burns since Monday." });
  await bruno.change(ticket.id, { status: "RESOLVED" });
  steps = await alma.get(`/api/tickets/${ticket.id}/history`);
});

const slider = (page: Page) => page.locator("#film-slider");
const told = (page: Page) => page.locator("#film-told");
const picture = (page: Page) => page.locator("#picture");

async function sees(page: Page, event: number, words: string): Promise<void> {
  await page.locator("#film-place").getByText(`Event ${event} of 9`).waitFor();
  await told(page).getByText(words).waitFor();
}

test("the slider shows every state of the ticket, by keyboard", async () => {
  const page = await world.page(world.people.alma, { path: `/audit/tickets/${ticket.id}` });
  await page.getByText("What you look at here is itself recorded").waitFor();
  await sees(page, 9, "Bruno Brandt changed the status from In progress to Resolved.");
  expect(await slider(page).getAttribute("aria-valuetext")).toBe(
    "event 9 of 9: Bruno Brandt changed the status from In progress to Resolved.",
  );

  await slider(page).focus();
  await page.keyboard.press("Home");
  await sees(page, 1, "Ulla User opened the ticket “Printer on fir”.");
  await page.getByRole("heading", { level: 1, name: "Printer on fir", exact: true }).waitFor();
  await picture(page).getByText("Unassigned").waitFor();
  await picture(page).getByText("It smokes since Monday.").waitFor();
  await page.getByText("No comments yet").waitFor();

  await page.keyboard.press("ArrowRight");
  await sees(page, 2, "Ulla User changed the title");
  expect(await picture(page).locator("ins").allTextContents()).toEqual([" added: fire"]);
  expect(await picture(page).locator("del").allTextContents()).toEqual([" removed: fir"]);

  await page.keyboard.press("ArrowRight");
  await sees(page, 3, "Ada Agent assigned the ticket to Bruno Brandt.");
  await picture(page).getByText("was: Unassigned").waitFor();
  await page.keyboard.press("ArrowRight");
  await sees(page, 4, "Bruno Brandt wrote a comment.");
  await picture(page).getByText("I bring the extinguisher.").waitFor();
  expect(await picture(page).getByText("Third one this month.").count()).toBe(0);
  await page.keyboard.press("ArrowRight");
  await sees(page, 5, "Bruno Brandt wrote an internal note.");
  await picture(page).getByText("Third one this month.").waitFor();
  expect(await picture(page).getByText("flames.txt").count()).toBe(0);
  await page.keyboard.press("ArrowRight");
  await sees(page, 6, "Ulla User attached the file flames.txt.");
  await picture(page).getByText("flames.txt").waitFor();
  await page.keyboard.press("ArrowRight");
  await sees(page, 7, "Bruno Brandt changed the status from Open to In progress.");
  await page.keyboard.press("ArrowRight");
  await sees(page, 8, "Ulla User changed the description.");
  expect(await picture(page).locator("ins").allTextContents()).toEqual([" added: burns"]);
  await page.keyboard.press("ArrowLeft");
  await sees(page, 7, "Bruno Brandt changed the status from Open to In progress.");

  // The URL names the moment, for whoever is shown it.
  await page.waitForURL(`**/audit/tickets/${ticket.id}?at=${steps[6]!.position}`);
  const other = await world.page(world.people.alma, {
    path: `/audit/tickets/${ticket.id}?at=${steps[2]!.position}`,
    language: "de",
  });
  await other.locator("#film-told").getByText("Ada Agent hat das Ticket Bruno Brandt zugewiesen.").waitFor();
});

test("it plays like a film, and a live ticket grows", async () => {
  const { alma, ada, ulla } = world.people;
  const own = await ulla.createTicket({ title: "Short film" });
  await ada.comment(own.id, "One.");
  await ada.comment(own.id, "Two.");
  const page = await world.page(alma, { path: `/audit/tickets/${own.id}` });
  const place = page.locator("#film-place");
  await place.getByText("Event 3 of 3").waitFor();
  await page.getByRole("combobox", { name: "Speed" }).selectOption("2");
  await page.getByRole("heading", { level: 1 }).focus();
  await page.keyboard.press(" ");
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await place.getByText("Event 2 of 3").waitFor();
  await place.getByText("Event 3 of 3").waitFor();
  // At its end it stops by itself.
  await page.getByRole("button", { name: "Play" }).waitFor();

  // Space presses the button that has the focus, and does not play.
  await page.getByRole("button", { name: "One event back" }).focus();
  await page.keyboard.press(" ");
  await place.getByText("Event 2 of 3").waitFor();
  await page.getByRole("button", { name: "Play" }).waitFor();
  await page.keyboard.press("End");
  await place.getByText("now").waitFor();
  await until("a live connection", () =>
    world.console(page).some((text) => text.startsWith("[Socket.IO] Connected")) ? true : null,
  );
  await ada.change(own.id, { priority: "CRITICAL" });
  await place.getByText("Event 4 of 4").waitFor();
  await told(page).getByText("Ada Agent changed the priority from Medium to Critical.").waitFor();
  // Whoever looks at an earlier moment stays there.
  await page.keyboard.press("Home");
  await place.getByText("Event 1 of 4").waitFor();
  await ada.delete(`/api/tickets/${own.id}`);
  await place.getByText("Event 1 of 5").waitFor();
  await page.keyboard.press("End");
  await page.getByText("The ticket was deleted here.").waitFor();
  await told(page).getByText("Ada Agent deleted the ticket.").waitFor();
});

test("the list and the figures as of a moment, and what became of it since", async () => {
  const { alma, ulla } = world.people;
  const before = steps[6]!.position;
  const later = await ulla.createTicket({ title: "Came later" });
  const page = await world.page(alma, { path: "/audit/tickets" });
  const region = page.getByRole("table", { name: "Tickets then" });
  await region.getByText("Came later").waitFor();

  await page.getByRole("combobox", { name: "As of" }).selectOption("position");
  await page.locator("#at-position").fill(String(before));
  await page.keyboard.press("Enter");
  await page.getByText(`Just after event ${before}`).waitFor();
  await until("the list of then", async () =>
    (await region.getByText("Came later").count()) === 0 ? true : null,
  );
  const row = region.getByRole("row").filter({ hasText: "Printer on fire" });
  await row.getByText("In progress").waitFor();
  expect(new URL(page.url()).search).toBe(`?at=${before}`);
  const figure = (name: string) => page.locator(`#figure-${name} dd`);
  expect(await figure("inProgressTickets").innerText()).toBe("1");
  expect(await figure("resolvedTickets").innerText()).toBe("0");

  await page.getByRole("button", { name: "One event earlier" }).click();
  await row.getByText("Open", { exact: true }).waitFor();
  await page.getByRole("button", { name: "One event later" }).click();
  await row.getByText("In progress").waitFor();
  await page.getByRole("combobox", { name: "Status" }).selectOption("OPEN");
  await page.getByText("No ticket fits at that moment").waitFor();
  await page.getByRole("combobox", { name: "Status" }).selectOption("");
  await row.getByRole("link", { name: "Printer on fire" }).click();
  await page.locator("#film-place").getByText("Event 7 of 9").waitFor();
  await page.goBack();

  await page.getByRole("link", { name: "Compare with now" }).click();
  await page.getByText(`From just after event ${before}`).waitFor();
  const list = page.getByRole("list", { name: "Compare the desk" });
  const changed = list.getByRole("listitem").filter({ hasText: "Printer on fire" }).first();
  await changed.getByText("Changed", { exact: true }).waitFor();
  expect(await changed.locator("ins").allTextContents()).toEqual([" added: burns"]);
  await list.getByRole("link", { name: "Came later" }).waitFor();
  await changed.getByRole("link", { name: "Printer on fire" }).click();
  await page.getByRole("heading", { level: 1, name: "What became of “Printer on fire”" }).waitFor();
  expect(await page.locator("main del").allTextContents()).toContain(" removed: smokes");
  await page.getByText("Resolved", { exact: true }).first().waitFor();
  expect(later.status).toBe("OPEN");
});

test("the record is verified, its head signed, and evidence of a ticket holds", async () => {
  const { alma } = world.people;
  const page = await world.page(alma, { path: "/audit/verify" });
  await page.getByRole("button", { name: "Verify now" }).click();
  const outcome = page.locator("#verify-outcome");
  await outcome.getByText("Everything holds").waitFor();
  const { report } = await alma.get<Verification>("/api/audit/verification");
  expect(report?.outcome).toBe("clean");
  expect(await outcome.innerText()).toContain(report!.headHash);
  for (const name of ["Chain of hashes", "Versions", "Read models", "Signed heads", "Attached files"]) {
    await page.getByRole("heading", { level: 3, name }).waitFor();
  }

  await page.getByRole("link", { name: "Signed heads" }).click();
  await page.getByRole("button", { name: "Sign now" }).click();
  await page.getByText(/The head at [\d,]+ is signed\.|Nothing is new since the head/).waitFor();
  const heads = page.getByRole("list", { name: "Heads" }).getByRole("listitem");
  const [head] = await Promise.all([
    page.waitForEvent("download"),
    heads
      .first()
      .getByRole("button", { name: /Download the head/ })
      .click(),
  ]);
  expect(head.suggestedFilename()).toMatch(/^informejo-\d+\.head$/);
  const key = await page.locator("main code").first().innerText();

  await page.goto(`/audit/tickets/${ticket.id}`);
  const [pack] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Take evidence" }).click(),
  ]);
  expect(pack.suggestedFilename()).toBe(`ticket-${ticket.id}.evidence.zip`);
  const folder = await mkdtemp(join(tmpdir(), "informejo-evidence-"));
  try {
    const [zip, vkey] = [join(folder, "pack.zip"), join(folder, "desk.vkey")];
    await pack.saveAs(zip);
    await writeFile(vkey, `${key}\n`);
    const { stdout } = await promisify(execFile)(program(), ["audit", "check", zip, "--key", vkey]);
    expect(stdout).toContain(ticket.id);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("nobody else is shown any of it", async () => {
  for (const person of [world.people.ada, world.people.ulla, world.people.otto]) {
    const page = await world.page(person, { path: `/audit/tickets/${ticket.id}` });
    await page.getByRole("heading", { level: 1, name: "This page is not for you" }).waitFor();
    expect(await page.content()).not.toContain("Printer on fire");
  }
});
