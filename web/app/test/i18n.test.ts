import { expect, test } from "vitest";
import type { Message } from "@/i18n/text";

const LANGUAGES = ["en", "de", "ar"] as const;
const modules = import.meta.glob<{ default: Record<string, Message> }>("../src/i18n/{en,de,ar}/*.ts", {
  eager: true,
});

/** What is written in one area, by language. */
const areas = new Map<string, Map<string, Record<string, Message>>>();
for (const [path, { default: catalogue }] of Object.entries(modules)) {
  const [, language, area] = /\/(\w+)\/(\w+)\.ts$/.exec(path)!;
  areas.set(area!, (areas.get(area!) ?? new Map()).set(language!, catalogue));
}

const formsOf = (message: Message): Record<string, string> =>
  typeof message === "string" ? { other: message } : message;
const placesOf = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
const placesOfAll = (message: Message) => new Set(Object.values(formsOf(message)).flatMap(placesOf));

/** Calls `look` with each text of each language beside the English one. */
function eachText(look: (name: string, language: string, message: Message, english: Message) => void): void {
  for (const [area, languages] of areas) {
    const english = languages.get("en")!;
    for (const [language, catalogue] of languages) {
      for (const [name, message] of Object.entries(catalogue)) {
        look(`${language}/${area}.${name}`, language, message, english[name]!);
      }
    }
  }
}

test("there are texts to look at", () => {
  expect(areas.size).toBeGreaterThan(8);
  expect(Object.keys(areas.get("common")!.get("en")!).length).toBeGreaterThan(40);
});

test("every area has the same names in every language", () => {
  for (const [area, languages] of areas) {
    const names = (language: string) => Object.keys(languages.get(language) ?? {}).toSorted();
    for (const language of LANGUAGES) expect(names(language), `${language}/${area}`).toEqual(names("en"));
  }
});

test("every text has the places of the English one, and no others", () => {
  eachText((name, language, message, english) => {
    const places = placesOfAll(english);
    expect(placesOfAll(message), name).toEqual(places);
    // A form for one number alone may say it in words ("one ticket", "تذكرتان"); one for many has to say how many.
    for (const [form, text] of Object.entries(formsOf(message))) {
      const isForOneNumber = language === "ar" ? ["zero", "one", "two"].includes(form) : form === "one";
      const missing = [...places].filter((place) => !placesOf(text).includes(place));
      expect(
        missing.filter((place) => !(isForOneNumber && place === "n")),
        `${name}.${form}`,
      ).toEqual([]);
    }
  });
});

test("plural forms are those that the language has, all of them", () => {
  const wrong: string[] = [];
  eachText((name, language, message, english) => {
    const forms = Object.keys(formsOf(message));
    const rules = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const isPlural = typeof message !== "string";
    if (isPlural) {
      // Where nothing is said of none, Arabic needs no form for it.
      const missing = rules.filter((rule) => rule !== "zero" && !forms.includes(rule));
      if (missing.length > 0) wrong.push(`${name} has no form for ${missing.join(", ")}`);
      const unknown = forms.filter((form) => !(rules as string[]).includes(form));
      if (unknown.length > 0) wrong.push(`${name} has forms that ${language} has not: ${unknown.join(", ")}`);
    }
    // Where English has a plural, Arabic cannot do without.
    const { one, other } = formsOf(english);
    if (one !== undefined && one !== other && !isPlural) wrong.push(`${name} needs plural forms`);
  });
  expect(wrong).toEqual([]);
});

test("no text is empty, or has a space too many", () => {
  eachText((name, _language, message) => {
    for (const text of Object.values(formsOf(message))) {
      expect(text.trim(), name).not.toBe("");
      expect(text, name).not.toMatch(/^\s|\s$|\s{2}/);
    }
  });
});

test("Arabic is written in Arabic, and German not in English", () => {
  const letters = /[؀-ۿ]/;
  const same: string[] = [];
  eachText((name, language, message, english) => {
    const text = formsOf(message)["other"]!;
    // Names, abbreviations and what only has places and signs.
    const hasWords = /\p{L}{4,}/u.test(text.replaceAll(/\{\w+\}|https?:\S+|\S+@\S+|informejo/gi, ""));
    if (!hasWords) return;
    if (language === "ar") expect(text, name).toMatch(letters);
    const words = text.split(/\s+/).length;
    if (language === "de" && words > 3 && text === formsOf(english)["other"]) same.push(name);
  });
  expect(same).toEqual([]);
});
