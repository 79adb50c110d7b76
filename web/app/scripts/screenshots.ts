// Pictures of every page, in light and dark; the best of them are in the read-me.
import { mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { Desk, type View } from "../e2e/world/desk";
import setup from "../e2e/world/front";
import { type Onlooker, SIGHTS, type Sight } from "../e2e/world/pages";
import { settled } from "../e2e/world/settled";
import { Clock, demo } from "./demo";

const OUT = fileURLToPath(new URL("../screenshots/", import.meta.url));

/** When the demo's people get their accounts. */
const LONG_AGO_HOURS = 300;

/** Of each page. */
const VIEWS = {
  light: { theme: "light" },
  dark: { theme: "dark" },
} as const satisfies Record<string, View>;

/** Of some. */
const FURTHER: Record<string, { view: View; of: readonly string[] }> = {
  narrow: {
    view: { theme: "light", width: 390, height: 844 },
    of: ["home", "submit", "dashboard", "ticket", "admin-tickets", "admin-ticket", "audit-ticket"],
  },
  arabic: {
    view: { theme: "light", language: "ar" },
    of: ["home", "admin-dashboard", "admin-tickets", "admin-ticket"],
  },
  german: { view: { theme: "light", language: "de" }, of: ["admin-dashboard", "ticket"] },
  contrast: { view: { theme: "contrast" }, of: ["admin-dashboard", "admin-tickets", "ticket"] },
};

/** `npm run screenshots [name …]`: of these pages, or of all. */
export default async function screenshots(names: string[]): Promise<void> {
  const remove = await setup();
  const clock = new Clock();
  await clock.set(LONG_AGO_HOURS);
  const desk = await Desk.open(clock.surroundings);
  try {
    if (names.length === 0) await rm(OUT, { recursive: true, force: true });
    await mkdir(OUT, { recursive: true });
    const filled = await demo(desk, clock);
    const wanted = (sight: Sight) => names.length === 0 || names.includes(sight.name);
    const personOf = (who: Onlooker) =>
      who === null ? null : who === "guest" ? filled.guest : desk.people[who];
    const views = [
      ...Object.entries(VIEWS).map(([name, view]) => ({ name, view: view as View, of: SIGHTS })),
      ...Object.entries(FURTHER).map(([name, { view, of }]) => ({
        name,
        view,
        of: SIGHTS.filter((sight) => of.includes(sight.name)),
      })),
    ];
    for (const { name, view, of } of views) {
      for (const sight of of.filter(wanted)) {
        const page = await desk.page(personOf(sight.who), { ...view, path: sight.at(filled) });
        await picture(page, `${OUT}${sight.name}.${name}.png`);
        await desk.closePages();
      }
    }
    // oxlint-disable-next-line no-console -- its output
    console.log(`pictures are in ${OUT}`);
  } finally {
    await desk.close();
    remove?.();
  }
}

async function picture(page: Page, path: string): Promise<void> {
  await settled(page);
  await page.evaluate(() => document.fonts.ready);
  // The heading has the focus for those who listen; whoever looks sees no difference.
  await page.screenshot({ path, animations: "disabled", fullPage: true });
}
