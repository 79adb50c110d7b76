// Every page, in every theme, at every width, from left to right and from right to left.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Page } from "playwright-core";
import { openWorld } from "./world";
import { type Filled, fill } from "./world/fill";
import { SIGHTS, type Onlooker } from "./world/pages";
import { settled } from "./world/settled";
import { ROUTES } from "@/shell/routes";

// What the routes are needs no texts, and texts need a browser.
vi.mock("@/i18n/text", () => ({ loadArea: () => Promise.resolve({}) }));

const THEMES = ["light", "dark", "contrast"] as const;
const WIDTHS = [320, 768, 1280] as const;
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const world = openWorld();
let filled: Filled;
let axe: string;

beforeAll(async () => {
  [filled, axe] = await Promise.all([fill(world.desk), readFile(AXE, "utf8")]);
});

test("every route of the client is looked at", () => {
  const seen = new Set(SIGHTS.map(({ route }) => route));
  expect(ROUTES.map(({ path }) => path).filter((path) => !seen.has(path))).toEqual([]);
  const known = new Set(ROUTES.map(({ path }) => path));
  expect([...seen].filter((path) => path !== null && !known.has(path))).toEqual([]);
});

function personOf(who: Onlooker) {
  if (who === null) return null;
  return who === "guest" ? filled.guest : world.people[who];
}

/** Of the languages' and themes' rules, those that can depend on them: colours look the same from right to left. */
function rulesFor(language: string, theme: string): RunOptions {
  if (language === "ar") return { rules: { "color-contrast": { enabled: false } } };
  return theme === "light" ? {} : { runOnly: ["color-contrast", "link-in-text-block"] };
}

/** Waits until the page shows what it has, and no colour is on its way to another any more. */
async function still(page: Page): Promise<void> {
  await settled(page);
  await page.evaluate(async () => {
    await new Promise(requestAnimationFrame);
    await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
    await new Promise(requestAnimationFrame);
  });
}

/** Prefers something as another tab of the same browser would. */
async function prefer(page: Page, change: Record<string, string>): Promise<void> {
  await page.evaluate((change) => {
    const key = "informejo.preferences";
    const preferences = { ...JSON.parse(localStorage.getItem(key) ?? "{}"), ...change };
    localStorage.setItem(key, JSON.stringify(preferences));
    dispatchEvent(new StorageEvent("storage", { key }));
  }, change);
}

interface Finding {
  rule: string;
  help: string;
  nodes: string[];
}

/** What axe and a ruler find wrong. */
async function findings(page: Page, options: RunOptions = {}): Promise<Finding[]> {
  return await page.evaluate(async (options) => {
    const { axe } = window as unknown as { axe: { run: (options: RunOptions) => Promise<AxeResults> } };
    const { violations } = await axe.run({ resultTypes: ["violations"], ...options });
    const found = violations.map(({ id, help, nodes }) => ({
      rule: id,
      help,
      nodes: nodes.map(
        ({ html, failureSummary }) => `${html.slice(0, 200)} — ${failureSummary?.slice(0, 300)}`,
      ),
    }));
    const headings = [...document.querySelectorAll("h1")].filter((heading) => heading.checkVisibility());
    if (headings.length !== 1) {
      found.push({
        rule: "one-h1",
        help: "A page has one h1",
        nodes: headings.map((h1) => h1.outerHTML.slice(0, 200)),
      });
    }
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) {
      const wide = [...document.querySelectorAll("body *")].filter(
        (element) =>
          element.getBoundingClientRect().right > innerWidth + 1 || element.getBoundingClientRect().left < -1,
      );
      found.push({
        rule: "overflow",
        help: `${scrollWidth} px wide where ${innerWidth} are`,
        nodes: wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 160)),
      });
    }
    return found;
  }, options);
}

describe.each(SIGHTS)("$name", ({ name, who, at }) => {
  test(`axe finds nothing, and nothing is wider than the window (${name})`, async () => {
    // The page's policy lets nobody put code into it, not even axe.
    const page = await world.page(personOf(who), { path: null, bypassCSP: true });
    await page.emulateMedia({ reducedMotion: "reduce" });
    if (name === "not-found") world.announce(/404.*\/no\/such\/page/);
    await page.addInitScript(axe);
    await page.goto(at(filled));
    // Under each finding, the views that have it.
    const wrong = new Map<string, string[]>();
    for (const [language, themes] of [
      ["en", THEMES],
      ["ar", ["light"]],
    ] as const) {
      for (const theme of themes) {
        await prefer(page, { theme, language });
        await page.locator(`html[lang=${language}][data-theme=${theme}]`).waitFor();
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          await still(page);
          for (const { rule, help, nodes } of await findings(page, rulesFor(language, theme))) {
            const finding = `${rule} (${help})\n    ${nodes.join("\n    ")}`;
            wrong.set(finding, [...(wrong.get(finding) ?? []), `${language} ${theme} ${width}`]);
          }
        }
      }
    }
    const report = [...wrong].map(([finding, views]) => `${finding}\n  at ${views.join(", ")}`);
    expect(report.join("\n")).toBe("");
    expect(await page.title()).toMatch(/\S · Informejo$/);
  });
});
