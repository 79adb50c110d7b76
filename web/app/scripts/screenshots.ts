// Pictures of every page, in light and dark; the best of them are in the read-me.
import { mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { Desk, type View } from "../e2e/world/desk";
import setup from "../e2e/world/front";
import { type Onlooker, SIGHTS, type Sight } from "../e2e/world/pages";
import type { Filled } from "../e2e/world/fill";
import type { Person } from "../e2e/world/person";
import { settled } from "../e2e/world/settled";
import { Clock, demo } from "./demo";

const DOCS = fileURLToPath(new URL("../../../docs/images/", import.meta.url));
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

/** The best, for the read-me: as people see them, and not longer than the window. */
const BEST: Record<string, { sight: string; view: View }> = {
  dashboard: { sight: "admin-dashboard", view: { theme: "light" } },
  tickets: { sight: "admin-tickets", view: { theme: "dark" } },
  ticket: { sight: "admin-ticket", view: { theme: "light", height: 960 } },
  "time-machine": { sight: "audit-ticket", view: { theme: "light", height: 960 } },
  operations: { sight: "ops", view: { theme: "dark" } },
  narrow: { sight: "ticket", view: { theme: "light", width: 390, height: 844 } },
  arabic: { sight: "dashboard", view: { theme: "light", language: "ar" } },
};

/** `npm run screenshots [-- name …]`: of these pages, or of all; with `--docs` those of the read-me. */
export default async function screenshots(names: string[]): Promise<void> {
  const remove = await setup();
  const clock = new Clock();
  await clock.set(LONG_AGO_HOURS);
  const desk = await Desk.open(clock.surroundings);
  try {
    if (names.includes("--docs")) {
      const filled = await demo(desk, clock);
      for (const [name, { sight: wanted, view }] of Object.entries(BEST)) {
        const sight = SIGHTS.find((sight) => sight.name === wanted)!;
        const page = await desk.page(personOf(desk, filled, sight.who), { ...view, path: sight.at(filled) });
        await picture(page, `${DOCS}${name}.png`, false);
        await desk.closePages();
      }
      return;
    }
    if (names.length === 0) await rm(OUT, { recursive: true, force: true });
    await mkdir(OUT, { recursive: true });
    const filled = await demo(desk, clock);
    const wanted = (sight: Sight) => names.length === 0 || names.includes(sight.name);
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
        const page = await desk.page(personOf(desk, filled, sight.who), { ...view, path: sight.at(filled) });
        await picture(page, `${OUT}${sight.name}.${name}.png`);
        await desk.closePages();
      }
    }
    process.stdout.write(`pictures are in ${OUT}\n`);
  } finally {
    await desk.close();
    remove?.();
  }
}

function personOf(desk: Desk, filled: Filled, who: Onlooker): Person | null {
  if (who === null) return null;
  return who === "guest" ? filled.guest : desk.people[who];
}

async function picture(page: Page, path: string, fullPage = true): Promise<void> {
  await settled(page);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path, animations: "disabled", fullPage });
}
