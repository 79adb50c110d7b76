// Asking for help without an account: the form, its files, its draft, and the link and the code that open the ticket.
import { expect, test } from "vitest";
import type { Submitted, Ticket } from "@/api/schema";
import { ticketNumber } from "@/lib/number";
import { type Page, openWorld, until } from "./world";

const world = openWorld();

const CODE = /\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b/;

async function write(page: Page, email: string, title: string): Promise<void> {
  await page.getByLabel("Your name").fill("Gina Gast");
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Issue title").fill(title);
  await page.getByLabel("Category").selectOption("TRAVEL");
  await page.getByLabel("Description").fill("It has been burning since Monday.");
}

/** What a drag of a file onto the page, or pasting one, does. */
async function give(
  page: Page,
  how: "drop" | "paste",
  name: string,
  type = "text/plain",
  size = 20,
): Promise<void> {
  await page.evaluate(
    ({ how, name, type, size }) => {
      const data = new DataTransfer();
      data.items.add(new File(["x".repeat(size)], name, { type }));
      const options = { bubbles: true, cancelable: true };
      const target = document.activeElement ?? document.body;
      if (how === "paste") {
        target.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: data }));
        return;
      }
      for (const event of ["dragenter", "dragover", "drop"])
        document.body.dispatchEvent(new DragEvent(event, { ...options, dataTransfer: data }));
    },
    { how, name, type, size },
  );
}

const ticketsCalled = async (title: string): Promise<Ticket[]> => {
  const all = await world.people.ada.get<Ticket[]>("/api/tickets");
  return all.filter((ticket) => ticket.title === title);
};

test("a ticket goes out with files of all three kinds, and its link opens it once", async () => {
  const page = await world.page(null, { path: "/" });
  await page.getByRole("link", { name: "Submit a ticket" }).click();
  await write(page, "gina@example.test", "Printer on fire <b>now</b>");

  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose files" }).click();
  const large = { name: "flames.txt", mimeType: "text/plain", buffer: Buffer.alloc(400_000, "flames ") };
  await (
    await choosing
  ).setFiles([large, { name: "none.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) }]);
  await page.getByText("none.txt is empty").waitFor();
  await give(page, "drop", "smoke.txt");
  await give(page, "paste", "image.png", "image/png");
  await give(page, "drop", "wrong.txt");
  const list = page.getByRole("list", { name: "Files" });
  await list.getByText("wrong.txt").waitFor();
  await page.getByRole("button", { name: "Remove wrong.txt" }).click();
  await until("three files", async () => ((await list.getByRole("listitem").count()) === 3 ? true : null));
  const pasted = /pasted \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png/;
  expect(await list.innerText()).toMatch(pasted);

  // Slow enough for the progress to be seen, of each file its own.
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 300_000 };
  await network.send("Network.emulateNetworkConditions", slow);
  await page.getByRole("button", { name: "Submit ticket" }).click();
  const progress = (name: string) =>
    list
      .getByRole("progressbar", { name: `Sending ${name}` })
      .evaluate((bar) => (bar as HTMLProgressElement).value);
  await until("some of the large file has gone out, and none of the small one", async () => {
    const [first, second] = await Promise.all([progress("flames.txt"), progress("smoke.txt")]);
    return first > 0 && first < 1 && second === 0 ? true : null;
  });
  await page.getByRole("heading", { name: "Ticket submitted successfully" }).waitFor();
  const id = new URL(page.url()).searchParams.get("ticket") ?? "";
  await page.getByText(`Ticket #${ticketNumber(id)}`).waitFor();
  const ticket = await world.people.ada.ticket(id);
  expect(ticket.category).toBe("TRAVEL");
  expect((ticket.attachments ?? []).map(({ fileName }) => fileName).toSorted()).toEqual([
    "flames.txt",
    expect.stringMatching(pasted),
    "smoke.txt",
  ]);
  // The draft is gone.
  await page.getByRole("link", { name: "Submit another ticket" }).click();
  expect(await page.getByLabel("Issue title").inputValue()).toBe("");

  const mail = await world.mails.next("gina@example.test", "created");
  const gina = await world.page(null, { path: null });
  const told: string[] = [];
  gina.on("request", (request) => told.push(request.url(), request.headers()["referer"] ?? ""));
  await gina.goto(world.link(mail));
  await gina.getByRole("button", { name: "Open", exact: true }).waitFor();
  expect(gina.url()).not.toContain("#");
  expect(
    await gina.evaluate(() => JSON.stringify([history.state, { ...sessionStorage }, { ...localStorage }])),
  ).not.toContain(mail.token);
  // Whoever only follows the link, as scanners do, has not used it up.
  await gina.getByRole("button", { name: "Open", exact: true }).click();
  await gina.getByRole("heading", { level: 1, name: "Printer on fire <b>now</b>" }).waitFor();
  await gina.getByText("flames.txt").first().waitFor();
  expect(new URL(gina.url()).pathname).toBe(`/tickets/view/${id}`);
  expect(told.filter((line) => line.includes(mail.token))).toEqual([]);

  world.announce(/api\/guest\/session/);
  const late = await world.page(null, { path: null });
  await late.goto(world.link(mail));
  await late.getByRole("button", { name: "Open", exact: true }).click();
  await late.getByRole("heading", { name: "Invalid or expired link" }).waitFor();
  await late.getByLabel("Email address").fill("gina@example.test");
  await late.getByRole("button", { name: "Send me a new link" }).click();
  await late.getByText("a link is on its way").waitFor();
  await world.mails.next("gina@example.test", "guest_link");

  const code = CODE.exec(mail.text)?.[0] ?? "";
  await late.getByRole("textbox", { name: "Access code" }).fill("0000-0000-0000-0000");
  await late.getByRole("button", { name: "Open", exact: true }).click();
  await late.getByText("This code is not right").waitFor();
  await late.getByRole("textbox", { name: "Access code" }).fill(code.toLowerCase().replaceAll("-", " "));
  await late.getByRole("button", { name: "Open", exact: true }).click();
  await late.getByRole("heading", { level: 1, name: "Printer on fire" }).waitFor();

  const home = await world.page(null, { path: "/" });
  await home.getByLabel("Access code").fill(code.replaceAll("-", ""));
  await home.getByLabel("Access code").press("Enter");
  await home.getByRole("heading", { level: 1, name: "Printer on fire" }).waitFor();
});

test("what is written survives reload and a lost server, and stays one ticket", async () => {
  const title = "The lift stops between floors";
  const page = await world.page(null, { path: "/submit-ticket" });
  await write(page, "lena@example.test", title);
  await give(page, "drop", "lift.txt");
  await page.getByText("lift.txt").waitFor();
  await page.reload();
  expect(await page.getByLabel("Issue title").inputValue()).toBe(title);
  expect(await page.getByLabel("Category").inputValue()).toBe("TRAVEL");
  await page.getByText("Please add them again: lift.txt").waitFor();
  await give(page, "drop", "lift.txt");

  // It arrives, but the answer does not.
  world.announce(/api\/tickets\/anonymous/, /ERR_/);
  const submit = "**/api/tickets/anonymous";
  let arrived: Submitted | null = null;
  await page.route(submit, async (route) => {
    arrived = (await (await route.fetch()).json()) as Submitted;
    await route.abort("connectionreset");
  });
  await page.getByRole("button", { name: "Submit ticket" }).click();
  await page.getByText("Nothing is lost").waitFor();
  await page.unroute(submit);
  await page.reload();
  await page.getByText("Please add them again: lift.txt").waitFor();

  // Something else under the same key is refused, and can be another ticket.
  await page.getByRole("button", { name: "Submit ticket" }).click();
  await page.getByText("An earlier attempt has arrived already").waitFor();
  await page.getByRole("button", { name: "Submit as another ticket" }).waitFor();
  await give(page, "drop", "lift.txt");
  await page.getByRole("button", { name: "Submit ticket" }).click();
  await page.getByRole("heading", { name: "Ticket submitted successfully" }).waitFor();
  expect(new URL(page.url()).searchParams.get("ticket")).toBe((arrived as Submitted | null)?.ticketId);
  expect(await ticketsCalled(title)).toHaveLength(1);
});

test("with the keyboard alone, and nothing is sent that is wrong", async () => {
  const page = await world.page(null, { path: "/submit-ticket" });
  await page.getByRole("heading", { level: 1 }).waitFor();
  const focused = () =>
    page.evaluate(() => {
      const { activeElement: element } = document;
      return element instanceof HTMLInputElement
        ? (element.labels?.[0]?.textContent ?? "")
        : (element?.textContent ?? "");
    });
  const keys = async (...names: string[]) => {
    for (const name of names) await page.keyboard.press(name);
  };
  /** Tab, until this has the focus. */
  const tabTo = async (name: string) => {
    for (let times = 0; times < 20; times += 1) {
      await page.keyboard.press("Tab");
      if ((await focused()).startsWith(name)) return;
    }
    throw new Error(`no way to ${name}`);
  };
  await tabTo("Submit ticket");
  await keys("Enter");
  await until("the first wrong field has the focus", async () =>
    (await focused()).startsWith("Your name") ? true : null,
  );
  const name = page.getByLabel("Your name");
  expect(await name.getAttribute("aria-invalid")).toBe("true");
  const described = await name.getAttribute("aria-describedby");
  expect(await page.locator(`[id="${described}"]`).innerText()).toBe("This is needed.");
  await page.keyboard.type("Kai Keys");
  expect(await name.getAttribute("aria-invalid")).toBeNull();
  await keys("Tab");
  await page.keyboard.type("kai@example.test");
  await keys("Tab");
  await page.keyboard.type("No mouse at hand");
  await keys("Tab");
  await page.keyboard.type("Net");
  await keys("Tab", "Tab");
  await page.keyboard.type("The mouse has run away.");
  await tabTo("Submit ticket");
  await keys("Enter");
  await page.getByRole("heading", { name: "Ticket submitted successfully" }).waitFor();
  const [ticket] = await ticketsCalled("No mouse at hand");
  expect(ticket?.category).toBe("NETWORK");
});

test("what the server refuses is said at its field, and what is too large is not taken", async () => {
  world.announce(/api\/tickets\/anonymous/);
  const page = await world.page(null, { path: "/submit-ticket" });
  await write(page, "nobody", "Broken");
  const limit = 10 * 1024 * 1024;
  await give(page, "drop", "huge.bin", "application/octet-stream", limit + 1);
  await page.getByText("huge.bin has 10 MB; a file may have 10 MB").waitFor();
  await give(page, "drop", "fits.bin", "application/octet-stream", limit);
  await page.getByRole("button", { name: "Remove fits.bin" }).click();
  expect(await page.getByText("huge.bin has 10 MB").count()).toBe(0);
  await page.getByRole("button", { name: "Submit ticket" }).click();
  await page.getByText("This is not an email address.").waitFor();
  // Only the server objects to this.
  await page.getByLabel("Email address").fill("nobody@example.test");
  await page.getByLabel("Issue title").fill("Broken \u0007 bell");
  await page.getByRole("button", { name: "Submit ticket" }).click();
  await page.getByText("It must not contain the control character U+0007.").waitFor();
  expect(await page.getByLabel("Issue title").getAttribute("aria-invalid")).toBe("true");

  // Clearing the form is asked about.
  await page.getByRole("button", { name: "Clear the form" }).click();
  const dialog = page.getByRole("dialog", { name: "Clear the form" });
  await dialog.getByRole("button", { name: "Cancel" }).click();
  expect(await page.getByLabel("Issue title").inputValue()).toBe("Broken \u0007 bell");
  await page.getByRole("button", { name: "Clear the form" }).click();
  await dialog.getByRole("button", { name: "Clear the form" }).click();
  expect(await page.getByLabel("Issue title").inputValue()).toBe("");
});

test("who is signed in is led to their own tickets", async () => {
  const ulla = await world.page(world.people.ulla, { path: "/" });
  await ulla.getByRole("link", { name: "Go to your dashboard" }).click();
  expect(new URL(ulla.url()).pathname).toBe("/dashboard");
  const ticket = await world.people.ulla.createTicket();
  await ulla.goto(`/tickets/view/${ticket.id}`);
  await ulla.getByRole("heading", { level: 1, name: ticket.title }).waitFor();
  expect(new URL(ulla.url()).pathname).toBe(`/tickets/${ticket.id}`);
  await ulla.goto("/submit-ticket");
  await ulla.getByRole("link", { name: "Create the ticket in your account" }).click();
  expect(new URL(ulla.url()).pathname).toBe("/tickets/new");
});
