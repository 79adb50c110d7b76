// Without a mouse: everything can be reached, and it can be seen where one is.
import { beforeAll, describe, expect, test } from "vitest";
import { openWorld, until } from "./world";
import { type Filled, fill } from "./world/fill";
import { SIGHTS } from "./world/pages";
import { settled } from "./world/settled";

const world = openWorld();
let filled: Filled;

beforeAll(async () => {
  filled = await fill(world.desk);
});

/** No page has more to step through, with the data of these tests. */
const STEPS_MAX = 250;

/** Marks what the Tab key has to reach, and gives back how many there are. */
function markReachable(): number {
  const found = [
    ...document.querySelectorAll<HTMLElement>(
      "a[href], button, input, select, textarea, summary, [tabindex]",
    ),
  ];
  const isReachable = (element: HTMLElement) =>
    element.tabIndex >= 0 &&
    !element.matches(":disabled, input[type=hidden]") &&
    element.checkVisibility({ visibilityProperty: true }) &&
    element.closest("[inert]") === null &&
    // Of radio buttons with one name the Tab key stops at one.
    !(element instanceof HTMLInputElement && element.type === "radio" && !element.checked);
  const reachable = found.filter(isReachable);
  for (const element of reachable) element.dataset["unreached"] = "";
  return reachable.length;
}

/** What has the focus: reached now, or seen before. Null at the page's end. */
function reached(): { isNew: boolean; isSeen: boolean; name: string } | null {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body) return null;
  const isNew = element.dataset["unreached"] !== undefined;
  delete element.dataset["unreached"];
  const style = getComputedStyle(element);
  const { width, height } = element.getBoundingClientRect();
  const hasRing = style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 1;
  // A hidden field's ring is drawn by what stands for it.
  const parent = element.closest("label, [class*='focus-within']");
  const isSeen = (hasRing || style.boxShadow !== "none" || parent !== null) && width > 0 && height > 0;
  return { isNew, isSeen, name: element.outerHTML.slice(0, 160) };
}

const ONE_OF_EACH = SIGHTS.filter(
  (sight, index) =>
    SIGHTS.findIndex(({ route, who }) => route === sight.route && who === sight.who) === index,
);

describe.each(ONE_OF_EACH)("$name", ({ name, who, at }) => {
  test(`the Tab key reaches everything, visibly, and leaves the page again (${name})`, async () => {
    const person = who === null ? null : who === "guest" ? filled.guest : world.people[who];
    if (name === "not-found") world.announce(/404.*\/no\/such\/page/);
    const page = await world.page(person, { path: at(filled) });
    await settled(page);
    expect(await page.evaluate(markReachable)).toBeGreaterThan(0);
    const unseen: string[] = [];
    // From wherever the page has put the focus, once around.
    for (let step = 0, wasOutside = 0; step < STEPS_MAX && wasOutside < 2; step += 1) {
      await page.keyboard.press("Tab");
      const now = await page.evaluate(reached);
      if (now === null) wasOutside += 1;
      else if (now.isNew && !now.isSeen) unseen.push(now.name);
    }
    const left = await page.$$eval("[data-unreached]", (elements) =>
      elements.filter((one) => one.checkVisibility()).map((one) => one.outerHTML.slice(0, 160)),
    );
    expect({ left, unseen }).toEqual({ left: [], unseen: [] });
  });
});

test("a person signs in, asks for help, answers and leaves, by keys alone", async () => {
  const { ulla } = world.people;
  const page = await world.page(null, { path: "/login?next=%2Ftickets%2Fnew" });
  await settled(page);
  const { keyboard } = page;
  /** Goes on by Tab until this has the focus. */
  const tabTo = async (what: string) =>
    await until(`the focus on ${what}`, async () => {
      if (await page.evaluate((what) => document.activeElement?.matches(what) === true, what)) return true;
      await keyboard.press("Tab");
      return null;
    });

  await tabTo("input[type=email]");
  await keyboard.type(ulla.email);
  await tabTo("input[type=password]");
  await keyboard.type(ulla.password);
  await keyboard.press("Enter");
  await page.waitForURL("**/tickets/new");
  await settled(page);

  await tabTo("main input:not([type=search], [type=file])");
  await keyboard.type("The keys F and J have no bumps");
  await tabTo("main textarea");
  await keyboard.type("I cannot find them without looking.");
  await tabTo("main button[type=submit]");
  await keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "The keys F and J have no bumps" }).waitFor();

  await tabTo("main textarea");
  await keyboard.type("Tape helps.");
  await keyboard.press("Control+Enter");
  await page.getByRole("listitem").filter({ hasText: "Tape helps." }).first().waitFor();

  // The list of keys takes the focus, and gives it back.
  await tabTo("footer a");
  await keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  expect(await page.evaluate(() => document.activeElement?.closest("dialog") !== null)).toBe(true);
  await keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  expect(await page.evaluate(() => document.activeElement?.matches("footer a"))).toBe(true);

  // The first stop of every page leads past the navigation.
  await page.reload();
  await settled(page);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await tabTo('a[href="#contents"]');
  await keyboard.press("Enter");
  await keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.closest("main") !== null)).toBe(true);

  await tabTo('header button[aria-label^="Account"]');
  await keyboard.press("Enter");
  await until("the way out", async () => {
    const text = await page.evaluate(() => document.activeElement?.textContent);
    if (text === "Sign out") return true;
    await keyboard.press("Tab");
    return null;
  });
  await keyboard.press("Enter");
  await page.getByRole("link", { name: "Sign in" }).first().waitFor();
});
