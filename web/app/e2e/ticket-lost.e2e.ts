// Nothing that was typed is lost, and nothing is there twice (S-131, S-136); tickets that go; guests; the keyboard alone.
import { expect, test } from "vitest";
import { openWorld, type Page, until } from "./world";

const world = openWorld();

const composer = (page: Page) => page.locator("#composer");
const text = (page: Page) => composer(page).getByRole("textbox");
const comments = (page: Page) => page.locator("ol > li[id^=comment-]");

async function open(page: Page, path: string): Promise<Page> {
  await page.goto(path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await until("a live connection", () =>
    world.console(page).some((line) => line.startsWith("[Socket.IO] Connected")) ? true : null,
  );
  return page;
}

async function say(page: Page, words: string): Promise<void> {
  await text(page).fill(words);
  await text(page).press("Control+Enter");
}

test("what is written without a network or a server arrives once when it is back", async () => {
  const { ulla, ada } = world.people;
  const ticket = await ulla.createTicket({ title: "No network here" });
  const page = await open(await world.page(ulla, { path: null }), `/tickets/${ticket.id}`);
  const agent = await open(await world.page(ada, { path: null }), `/admin/tickets/${ticket.id}`);

  await world.cut(page.context(), true);
  await say(page, "Written without a network");
  await page.getByText("Not sent yet: it will be sent when the server is back.").waitFor();
  await say(page, "And one more");
  await ada.comment(ticket.id, "Are you there?");
  await world.cut(page.context(), false);
  for (const who of [page, agent]) {
    await comments(who).getByText("Written without a network").waitFor();
    await comments(who).getByText("And one more").waitFor();
  }
  await comments(page).getByText("Are you there?").waitFor();
  await until("nothing unsent", async () =>
    (await page.getByText("Not sent yet").count()) === 0 ? true : null,
  );

  await world.kill();
  await say(page, "Written without a server");
  await page.getByText("Not sent yet").waitFor();
  await agent.getByRole("combobox", { name: "Status" }).selectOption("IN_PROGRESS");
  await agent.getByText("Saving…").first().waitFor();
  // A page that is loaded anew still has it; the page itself comes from the server that is back.
  await world.restart();
  await page.reload();
  await comments(page).getByText("Written without a server").waitFor();
  await comments(agent).getByText("Written without a server").waitFor();
  await page.getByRole("definition").getByText("In progress").waitFor();

  const contents = (await ada.ticket(ticket.id)).comments?.map(({ content }) => content);
  expect(contents?.toSorted()).toEqual([
    "And one more",
    "Are you there?",
    "Written without a network",
    "Written without a server",
  ]);
  for (const who of [page, agent]) {
    await until("four comments", async () => ((await comments(who).count()) === 4 ? true : null));
    expect(await who.getByText("Written without a server").count()).toBe(1);
  }
});

test("what is unsent when the page is closed is sent by the next one", async () => {
  const { ulla, ada } = world.people;
  const ticket = await ulla.createTicket({ title: "Closed too early" });
  const page = await open(await world.page(ulla, { path: null }), `/tickets/${ticket.id}`);
  // The server hears it, and its answer is lost.
  await page.route(`**/api/tickets/${ticket.id}/comments`, async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  });
  world.announce(/ERR_CONNECTION_RESET/);
  await say(page, "Answered into the void");
  await until("the server to know", async () =>
    (await ada.ticket(ticket.id)).comments?.length === 1 ? true : null,
  );
  const next = await page.context().newPage();
  await page.close();
  await open(next, `/tickets/${ticket.id}`);
  await comments(next).getByText("Answered into the void").waitFor();
  await until("nothing unsent", async () =>
    (await next.evaluate(() => Object.keys(localStorage).some((key) => key.startsWith("informejo.outbox"))))
      ? null
      : true,
  );
  expect(await next.getByText("Answered into the void").count()).toBe(1);
  expect((await ada.ticket(ticket.id)).comments).toHaveLength(1);
});

test("drafts survive a reload and a sign-out, each of its kind", async () => {
  const { ulla, ada } = world.people;
  const ticket = await ulla.createTicket({ title: "Half a sentence" });
  const page = await open(await world.page(ada, { path: null }), `/admin/tickets/${ticket.id}`);
  await text(page).fill("Dear Ulla, have you");
  await composer(page).getByRole("button", { name: "Internal note" }).click();
  await text(page).fill("She has not");
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("textbox", { name: "Description" }).fill("Half of a longer description");
  await page.reload();
  expect(await page.getByRole("textbox", { name: "Description" }).inputValue()).toBe(
    "Half of a longer description",
  );
  await until("the draft", async () =>
    (await text(page).inputValue()) === "Dear Ulla, have you" ? true : null,
  );

  await page.getByRole("button", { name: /^Account: / }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You are signed out.").waitFor();
  await world.desk.giveSession(page.context(), ada);
  await open(page, `/admin/tickets/${ticket.id}`);
  expect(await text(page).inputValue()).toBe("Dear Ulla, have you");
  await composer(page)
    .getByRole("button", { name: /^Internal note/ })
    .click();
  expect(await text(page).inputValue()).toBe("She has not");
  // Whoever else uses this browser sees nothing of it.
  await world.desk.giveSession(page.context(), world.people.bruno);
  await open(page, `/admin/tickets/${ticket.id}`);
  expect(await text(page).inputValue()).toBe("");
});

test("what is unsent is never sent as somebody else", async () => {
  world.announce(/ERR_FAILED/, /status of 404/);
  const { ulla, viktor, ada } = world.people;
  const ticket = await ulla.createTicket({ title: "Whose words are these" });
  const page = await open(await world.page(ulla, { path: null }), `/tickets/${ticket.id}`);
  const path = `**/api/tickets/${ticket.id}/comments`;
  await page.route(path, (route) => route.abort());
  await say(page, "These are mine");
  await page.getByText("Not sent yet").waitFor();
  // Somebody else signs in, in another tab of the same browser.
  await world.desk.giveSession(page.context(), viktor);
  const other = await page.context().newPage();
  await other.goto("/dashboard");
  await page.getByRole("heading", { name: "Ticket not found" }).waitFor();
  await page.unroute(path);
  await page.close();
  expect((await ada.ticket(ticket.id)).comments).toEqual([]);

  await world.desk.giveSession(other.context(), ulla);
  await open(other, `/tickets/${ticket.id}`);
  await comments(other).getByText("These are mine").waitFor();
  const said = (await ada.ticket(ticket.id)).comments ?? [];
  expect(said.map(({ userId }) => userId)).toEqual([ulla.id]);
});

test("a ticket that is deleted is told of, and what was typed for it stays", async () => {
  const { ulla, ada, bruno } = world.people;
  world.announce(/status of 404/);
  const [first, second] = [await ulla.createTicket(), await ulla.createTicket()];
  const idle = await open(await world.page(ulla, { path: null }), `/tickets/${first.id}`);
  await bruno.delete(`/api/tickets/${first.id}`);
  await idle.getByText("This ticket has been deleted").first().waitFor();
  await idle.waitForURL("**/tickets");

  await open(idle, `/tickets/${second.id}`);
  await text(idle).fill("A long explanation");
  const agent = await open(await world.page(ada, { path: null }), `/admin/tickets/${second.id}`);
  await agent.getByRole("button", { name: "Delete" }).click();
  const dialog = agent.getByRole("dialog", { name: "Delete this ticket?" });
  await dialog.getByText("0 comments and 0 files").waitFor();
  await dialog.getByRole("button", { name: "Delete the ticket" }).click();
  await agent.waitForURL("**/admin/tickets");
  await agent.getByText("Ticket deleted").first().waitFor();
  await idle.getByRole("heading", { name: "This ticket has been deleted" }).waitFor();
  expect(await idle.getByLabel("What you had typed").inputValue()).toBe("A long explanation");

  await idle.goto(`/tickets/${second.id}`);
  await idle.getByRole("heading", { name: "Ticket not found" }).waitFor();
  const foreign = await ada.createTicket();
  await idle.goto(`/tickets/${foreign.id}`);
  await idle.getByRole("heading", { name: "Ticket not found" }).waitFor();
});

test("a guest has the same page, without what is for accounts", async () => {
  const { ada } = world.people;
  const { guest, ticket } = await world.guest();
  await ada.comment(ticket, "secret of agents", { isInternal: true });
  const page = await open(await world.page(guest, { path: null }), `/tickets/${ticket}`);
  await page.waitForURL(`**/tickets/view/${ticket}`);
  await say(page, "It opens now");
  await comments(page).getByText("It opens now").waitFor();
  await ada.comment(ticket, "Glad to hear");
  await comments(page).getByText("Glad to hear").waitFor();
  expect(await comments(page).count()).toBe(2);
  expect(await page.getByRole("button", { name: "Edit" }).count()).toBe(0);
  expect(await page.getByText("Internal").count()).toBe(0);
});

test("a list leads to its tickets and back, over one connection", async () => {
  const { ulla, ada } = world.people;
  const titles = ["Way one", "Way two", "Way three"];
  for (const title of titles) await ulla.createTicket({ title, category: "TRAVEL" });
  const page = await world.page(ada, { path: null });
  const sockets: string[] = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  await open(page, "/admin/tickets?category=TRAVEL");
  await page.getByRole("link", { name: "Way two" }).click();
  await page.getByRole("heading", { level: 1, name: "Way two" }).waitFor();
  await page.keyboard.press("j");
  await page.getByRole("heading", { level: 1, name: "Way one" }).waitFor();
  await page.keyboard.press("k");
  await page.keyboard.press("k");
  await page.getByRole("heading", { level: 1, name: "Way three" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await page.waitForURL("**/admin/tickets?category=TRAVEL");
  await page.getByRole("link", { name: "Way two" }).waitFor();
  await page.getByRole("link", { name: "Way one" }).click();
  await page.getByRole("heading", { level: 1, name: "Way one" }).waitFor();
  await page.getByRole("link", { name: "All tickets" }).last().click();
  await page.waitForURL("**/admin/tickets?category=TRAVEL");
  expect(sockets.filter((url) => url.includes("/socket.io/"))).toHaveLength(1);
});

test("everything is done by the keyboard alone", async () => {
  const { ulla, ada } = world.people;
  const ticket = await ulla.createTicket({ title: "Keys only" });
  const page = await open(await world.page(ada, { path: null }), `/admin/tickets/${ticket.id}`);
  const known = async (what: string, is: (now: Awaited<ReturnType<typeof ada.ticket>>) => boolean) =>
    until(what, async () => (is(await ada.ticket(ticket.id)) ? true : null));
  await page.keyboard.press("i");
  await known("an assignee", ({ assignedToId }) => assignedToId === ada.id);
  // Going through the choices decides nothing; Enter does, and the next shortcut is heard.
  await page.keyboard.press("s");
  await page.keyboard.press("w");
  expect((await ada.ticket(ticket.id)).status).toBe("OPEN");
  await page.keyboard.press("Enter");
  await known("a status", ({ status }) => status === "WAITING");
  await page.keyboard.press("p");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Escape");
  await page.keyboard.press("c");
  await page.keyboard.press("n");
  await page.keyboard.press("Enter");
  await known("a category", ({ category }) => category === "NETWORK");
  expect((await ada.ticket(ticket.id)).priority).toBe("MEDIUM");

  await page.keyboard.press("n");
  await until("the note's field", async () =>
    (await page.evaluate(() => document.activeElement?.tagName)) === "TEXTAREA" ? true : null,
  );
  await page.keyboard.type("by keys");
  await page.keyboard.press("Control+Enter");
  await known("a note", ({ comments: said }) => said?.[0]?.isInternal === true);
  await page.keyboard.press("Escape");
  await page.keyboard.press("e");
  await page.getByLabel("Title").waitFor();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("Keys and nothing else");
  await page.keyboard.press("Enter");
  await known("a title", ({ title }) => title === "Keys and nothing else");
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await page.waitForURL("**/admin/tickets");
});
