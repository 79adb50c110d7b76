// Two people on one ticket, each in a browser of their own (S-035, S-036, S-107, S-123, S-124, S-125b).
import { expect, test } from "vitest";
import { openWorld, type Page, until } from "./world";

const world = openWorld();

/** The browser says of every refusal that it was one; conflicts are refusals. */
const REFUSED = /status of 412/;

const composer = (page: Page) => page.locator("#composer");
const comments = (page: Page) => page.locator("ol > li[id^=comment-]");
const typing = (page: Page) => composer(page).locator("[data-typing]");
const field = (page: Page, name: string) => page.getByRole("combobox", { name });

async function open(page: Page, path: string): Promise<Page> {
  await page.goto(path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  // In the room: what others do is told from here on.
  await until("a live connection", () =>
    world.console(page).some((line) => line.startsWith("[Socket.IO] Connected")) ? true : null,
  );
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  await composer(page).getByRole("textbox").fill(text);
  await composer(page).getByRole("textbox").press("Control+Enter");
}

test("what one says and decides, the other sees at once", async () => {
  const { ulla, ada } = world.people;
  const ticket = await ulla.createTicket({ title: "The lamp flickers" });
  const [requester, agent] = await Promise.all([
    world.page(ulla, { path: null }).then((page) => open(page, `/tickets/${ticket.id}`)),
    world.page(ada, { path: null }).then((page) => open(page, `/admin/tickets/${ticket.id}`)),
  ]);
  await requester.getByText("No comments yet").waitFor();

  await say(agent, "Which lamp is it?");
  await comments(requester).getByText("Which lamp is it?").waitFor();
  await requester.getByText("New", { exact: true }).waitFor();
  expect(await comments(requester).getByText("IT Support").count()).toBe(1);
  // Shown at once, and then once: not by the answer and by the broadcast.
  await comments(agent).getByText("Which lamp is it?").waitFor();
  await until("no unsent comment", async () =>
    (await agent.getByText("Sending…").count()) === 0 ? true : null,
  );
  expect(await agent.getByText("Which lamp is it?").count()).toBe(1);

  await say(requester, "The **one** at the door");
  await comments(agent).getByText("at the door").waitFor();
  // Rendered by the server, live as well.
  expect(await comments(agent).locator("strong").textContent()).toBe("one");

  await field(agent, "Status").selectOption("WAITING");
  await requester.getByRole("definition").getByText("Waiting").waitFor();
  await agent.getByRole("button", { name: "Assign to me" }).click();
  await requester.getByRole("definition").getByText("Ada Agent").waitFor();
  await field(agent, "Status").selectOption("RESOLVED");
  await requester.getByText("This ticket is resolved.").waitFor();
  expect((await ada.ticket(ticket.id)).status).toBe("RESOLVED");

  const [chooser] = await Promise.all([
    requester.waitForEvent("filechooser"),
    composer(requester).getByRole("button", { name: "Choose files" }).click(),
  ]);
  await chooser.setFiles({ name: "lamp.txt", mimeType: "text/plain", buffer: Buffer.from("It flickers.") });
  await agent.getByRole("link", { name: "Download lamp.txt" }).waitFor();
  await requester.getByRole("link", { name: "Download lamp.txt" }).waitFor();
  await until("an end of sending", async () =>
    (await composer(requester).getByText("lamp.txt").count()) === 0 ? true : null,
  );
  expect(await requester.getByRole("link", { name: "Download lamp.txt" }).count()).toBe(1);
  const [download] = await Promise.all([
    agent.waitForEvent("download"),
    agent.getByRole("link", { name: "Download lamp.txt" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("lamp.txt");

  await agent.getByText("Activity").click();
  await agent.getByText("Ada Agent changed the status from Waiting to Resolved").waitFor();
});

test("who is there and who types is shown, and internal notes to agents only", async () => {
  const { ulla, ada, bruno } = world.people;
  const ticket = await ulla.createTicket({ title: "The door squeaks" });
  const canary = "canary-note-of-agents";
  const [requester, agent, other] = await Promise.all([
    world.page(ulla, { path: null }),
    world.page(ada, { path: null }),
    world.page(bruno, { path: null }),
  ]);
  const received: string[] = [];
  requester.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => received.push(payload.toString())),
  );
  requester.on("response", (response) => {
    response.text().then(
      (text) => received.push(text),
      () => {},
    );
  });
  await Promise.all([
    open(requester, `/tickets/${ticket.id}`),
    open(agent, `/admin/tickets/${ticket.id}`),
    open(other, `/admin/tickets/${ticket.id}`),
  ]);
  await agent.getByText("Bruno Brandt is viewing").waitFor();
  await other.getByText("Ada Agent is viewing").waitFor();

  await composer(requester).getByRole("textbox").pressSequentially("It is");
  await typing(agent).getByText("Ulla User is typing…").waitFor();
  await composer(requester).getByRole("textbox").fill("");
  await until("nobody types", async () =>
    (await typing(agent).getByText("is typing").count()) === 0 ? true : null,
  );

  await composer(agent).getByRole("textbox").pressSequentially("Oil");
  await typing(requester).getByText("IT Support is typing…").waitFor();
  await composer(agent).getByRole("textbox").fill("");
  await until("nobody types", async () =>
    (await typing(requester).getByText("is typing").count()) === 0 ? true : null,
  );
  expect(received.join("\n")).not.toContain("Ada Agent");

  await composer(agent).getByRole("button", { name: "Internal note" }).click();
  await composer(agent).getByText("Only agents and auditors read this.").waitFor();
  await composer(agent).getByRole("textbox").pressSequentially("Psst");
  await typing(other).getByText("Ada Agent is typing an internal note…").waitFor();
  await other.getByText("Ada Agent is editing").waitFor();
  expect(await typing(requester).textContent()).toBe("");
  await say(agent, canary);
  await comments(other).getByText(canary).waitFor();
  await comments(other).getByText("Internal", { exact: true }).waitFor();

  // Whatever is told to the requester after it has been told.
  await say(agent, "second-note");
  await composer(agent).getByRole("button", { name: "Reply" }).click();
  await say(agent, "We oil it.");
  await comments(requester).getByText("We oil it.").waitFor();
  await requester.reload();
  await comments(requester).getByText("We oil it.").waitFor();
  expect(await requester.content()).not.toContain(canary);
  expect(received.join("\n")).toContain("We oil it.");
  expect(received.join("\n")).not.toContain(canary);
  expect(await comments(requester).count()).toBe(1);
});

test("changes of different fields merge by themselves", async () => {
  world.announce(REFUSED);
  const { ulla, ada, bruno } = world.people;
  const ticket = await ulla.createTicket({ title: "The chair is broken" });
  const page = await open(await world.page(ada, { path: null }), `/admin/tickets/${ticket.id}`);
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Title").fill("The chair has three legs");
  await bruno.change(ticket.id, { priority: "HIGH", description: "It fell over, twice already." });
  await page.getByText("Changed meanwhile by Bruno Brandt").waitFor();
  // Nothing that is typed was touched.
  expect(await page.getByLabel("Title").inputValue()).toBe("The chair has three legs");
  expect(await page.getByRole("textbox", { name: "Description" }).inputValue()).toBe(ticket.description);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("so is what others changed meanwhile").waitFor();
  await page.getByRole("heading", { name: "The chair has three legs" }).waitFor();
  await page.getByText("It fell over, twice already.").waitFor();
  // Shown at once; the server has it a moment later.
  const now = await until("the server to know", async () => {
    const known = await ada.ticket(ticket.id);
    return known.title === "The chair has three legs" ? known : null;
  });
  expect([now.title, now.priority]).toEqual(["The chair has three legs", "HIGH"]);
  expect(now.description).toBe("It fell over, twice already.");
});

test("of the same field, people decide which text counts", async () => {
  world.announce(REFUSED);
  const { ulla, ada, bruno } = world.people;
  const ticket = await ulla.createTicket({ title: "The window is open" });
  const page = await open(await world.page(ada, { path: null }), `/admin/tickets/${ticket.id}`);
  const edit = async (title: string, theirs: string) => {
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await page.getByLabel("Title").fill(title);
    await bruno.change(ticket.id, { title: theirs });
    await page.getByText("Changed meanwhile by Bruno Brandt").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    const dialog = page.getByRole("dialog", { name: "Title: theirs or yours?" });
    await dialog.getByText(theirs).waitFor();
    await dialog.getByText(title).waitFor();
    await dialog.getByText("by Bruno Brandt,").waitFor();
    return dialog;
  };

  let dialog = await edit("The window is stuck", "The window was opened");
  await dialog.getByRole("button", { name: "Take theirs" }).click();
  await page.getByRole("heading", { name: "The window was opened" }).waitFor();
  expect((await ada.ticket(ticket.id)).title).toBe("The window was opened");

  // Closing it decides nothing, and neither does coming again.
  dialog = await edit("The window is stuck again", "The window was closed");
  await page.keyboard.press("Escape");
  await page.getByText("Your change is not saved yet.").waitFor();
  await page.reload();
  dialog = page.getByRole("dialog", { name: "Title: theirs or yours?" });
  await dialog.getByText("The window is stuck again").waitFor();
  await dialog.getByRole("button", { name: "Keep mine" }).click();
  await page.getByRole("heading", { name: "The window is stuck again" }).waitFor();
  await until("the server to know", async () =>
    (await ada.ticket(ticket.id)).title === "The window is stuck again" ? true : null,
  );

  dialog = await edit("The window is stuck for good", "The window is gone");
  await dialog.getByRole("button", { name: "Edit mine" }).click();
  expect(await page.getByLabel("Title").inputValue()).toBe("The window is stuck for good");
  await page.getByLabel("Title").fill("The window is stuck, or gone");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "The window is stuck, or gone" }).waitFor();
  await until("the server to know", async () =>
    (await ada.ticket(ticket.id)).title === "The window is stuck, or gone" ? true : null,
  );
});

test("what the server does not take comes back", async () => {
  world.announce(/status of 4\d\d/);
  const { ulla, ada } = world.people;
  const ticket = await ulla.createTicket();
  const page = await open(await world.page(ada, { path: null }), `/admin/tickets/${ticket.id}`);
  await page.route(`**/api/tickets/${ticket.id}/comments`, (route) =>
    route.fulfill({ status: 422, json: { error: "Invalid input", status: 422, detail: "too rude" } }),
  );
  await say(page, "This is not taken");
  await composer(page).getByText("Not sent: too rude").waitFor();
  expect(await composer(page).getByRole("textbox").inputValue()).toBe("This is not taken");
  await page.unroute(`**/api/tickets/${ticket.id}/comments`);
  await composer(page).getByRole("button", { name: "Send" }).click();
  await comments(page).getByText("This is not taken").waitFor();
  expect(await page.getByText("This is not taken").count()).toBe(1);

  await page.route(`**/api/tickets/${ticket.id}`, (route) =>
    route.request().method() === "PATCH"
      ? route.fulfill({ status: 403, json: { error: "Forbidden", status: 403, detail: "not any more" } })
      : route.fallback(),
  );
  await field(page, "Priority").selectOption("CRITICAL");
  await page.getByText("Not changed: not any more").waitFor();
  expect(await field(page, "Priority").inputValue()).toBe("MEDIUM");
});
