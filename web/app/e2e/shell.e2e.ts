import { expect, test } from "vitest";
import { type Page, openWorld, until } from "./world";

const world = openWorld();

const connected = (page: Page) =>
  until("the connection", () =>
    world.console(page).find((line) => line.startsWith("[Socket.IO] Connected successfully: ")),
  );

test("the console says how the connection is, and the network shows one websocket per tab", async () => {
  const page = await world.page(world.people.ada, { path: null });
  const sockets: string[] = [];
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  network.on("Network.webSocketCreated", ({ url }) => sockets.push(url));
  const ids: string[] = [];
  network.on("Network.webSocketFrameReceived", ({ response }) => {
    // Socket.IO's answer to a connection: 40{"sid":"…"}.
    if (response.payloadData.startsWith("40{")) ids.push(JSON.parse(response.payloadData.slice(2)).sid);
  });

  await page.goto("/");
  await connected(page);
  const lines = world.console(page).filter((line) => line.startsWith("[Socket.IO]"));
  expect(lines).toEqual([
    `[Socket.IO] Connecting to: ${world.url}`,
    `[Socket.IO] Connected successfully: ${ids[0]}`,
  ]);
  expect(sockets).toEqual([`${world.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`]);

  // Soft navigation keeps it.
  const navigation = page.getByRole("navigation", { name: "Main" });
  for (const name of ["Users", "All tickets", "Dashboard"]) {
    await navigation.getByRole("link", { name, exact: true }).click();
    await until(`the page ${name}`, async () =>
      (await navigation.locator('[aria-current="page"]').innerText()) === name ? true : null,
    );
  }
  expect(sockets).toHaveLength(1);
  expect(world.console(page).filter((line) => line.startsWith("[Socket.IO]"))).toEqual(lines);
});

test("there is nothing at an address that does not exist", async () => {
  const page = await world.page(null, { path: null });
  // The browser itself says that the answer was 404.
  world.announce(/404.*\/no\/such\/page/);
  const answer = await page.goto("/no/such/page");
  await page.getByRole("heading", { level: 1, name: "There is nothing here" }).waitFor();
  if (!world.desk.isInFront) expect(answer?.status()).toBe(404);
  expect(await page.title()).toBe("There is nothing here · Informejo");
  await page.getByRole("link", { name: "Go to the start" }).click();
  expect(new URL(page.url()).pathname).toBe("/");
});

test("on a narrow screen the navigation is behind a button", async () => {
  const page = await world.page(world.people.ulla, { width: 320, path: "/dashboard" });
  const menu = page.getByRole("button", { name: "Menu" });
  const link = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "My tickets" });
  await menu.waitFor();
  expect(await link.isVisible()).toBe(false);
  expect(await menu.getAttribute("aria-expanded")).toBe("false");
  await menu.click();
  await link.click();
  await page.waitForURL("**/tickets");
  await link.waitFor({ state: "hidden" });
  expect(await menu.getAttribute("aria-expanded")).toBe("false");
  const { width, inner } = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    inner: window.innerWidth,
  }));
  expect(width).toBeLessThanOrEqual(inner);
});

/** Notes, at each frame from the first on, what of the root an onlooker would see. */
function noteFrames(): void {
  const seen: string[] = [];
  Object.assign(window, { seen });
  const look = () => {
    const { lang, dir, dataset } = document.documentElement;
    const state = [
      lang,
      dir,
      dataset["theme"] ?? "system",
      getComputedStyle(document.documentElement).colorScheme,
    ];
    if (document.body && seen.at(-1) !== state.join(" ")) seen.push(state.join(" "));
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

test("theme and language change at once, are kept, and do not flash when the page is loaded again", async () => {
  const page = await world.page(world.people.ulla, { path: "/dashboard" });
  const root = page.locator("html");
  await page.getByRole("button", { name: /^Account: Ulla/ }).click();
  const background = () => root.evaluate((element) => getComputedStyle(element).backgroundColor);
  const light = await background();
  await page.getByLabel("Appearance").selectOption("Dark");
  expect(await root.getAttribute("data-theme")).toBe("dark");
  const dark = await background();
  expect(dark).not.toBe(light);
  await page.getByLabel("Language").selectOption("العربية");
  await page
    .getByRole("navigation", { name: "القائمة الرئيسية" })
    .or(page.locator("html[dir=rtl]"))
    .first()
    .waitFor();
  expect(await root.getAttribute("lang")).toBe("ar");

  await page.addInitScript(noteFrames);
  await page.reload();
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen)).toEqual([
    "ar rtl dark dark",
  ]);
  expect(await background()).toBe(dark);

  // Another tab of the same browser follows.
  const other = await page.context().newPage();
  await other.goto("/dashboard");
  await other.getByRole("heading", { level: 1 }).waitFor();
  await page.locator("button[popovertarget]").last().click();
  await page.locator("select").filter({ hasText: "Deutsch" }).selectOption("Deutsch");
  await other.locator("html[lang=de][dir=ltr]").waitFor();
});

test("the theme is the system's until somebody chooses", async () => {
  const page = await world.page(null, { path: null });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto("/");
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await background();
  await page.emulateMedia({ colorScheme: "light" });
  expect(await background()).not.toBe(dark);
});
