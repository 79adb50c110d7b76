import { use } from "react";
import { type Language, preferences, usePreferences } from "@/lib/preferences";
import type { English } from "./english";

/** A text with `{places}`, or one for each plural form of the place `{n}`. */
export type Message = string | PluralMessage;
export type PluralMessage = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;

/** An area of the desk, which brings its texts. */
export type Area = keyof English;
/** The texts of one area in another language than English: the same names. */
export type Translation<AreaName extends Area> = { [Name in keyof English[AreaName]]: Message };

export type Values = Record<string, string | number>;
/** Gives a text of an area. */
export type Say<AreaName extends Area> = (name: keyof English[AreaName] & string, values?: Values) => string;

type Catalogue = Record<string, Message>;
const modules = import.meta.glob<{ default: Catalogue }>("./{en,de,ar}/*.ts");
const pending = new Map<string, Promise<Catalogue>>();

/** Begins to load an area's texts, or has it already. */
export function loadArea(area: Area, language: Language = preferences().language): Promise<Catalogue> {
  const path = `./${language}/${area}.ts`;
  const known = pending.get(path);
  if (known) return known;
  const load = modules[path];
  if (!load) throw new Error(`no texts at ${path}`);
  const loading = load().then((module) => module.default);
  pending.set(path, loading);
  // Whoever comes later may try again.
  loading.catch(() => pending.delete(path));
  return loading;
}

/** The texts of `area` in the reader's language. Suspends until they are there. */
export function useText<AreaName extends Area>(area: AreaName): Say<AreaName> {
  const { language } = usePreferences();
  const catalogue = use(loadArea(area, language));
  return (name, values) => fill(catalogue[name], language, values) ?? name;
}

/** The text outside of components, once it is loaded. */
export async function text<AreaName extends Area>(
  area: AreaName,
  name: keyof English[AreaName] & string,
  values?: Values,
): Promise<string> {
  const { language } = preferences();
  return fill((await loadArea(area, language))[name], language, values) ?? name;
}

/** A message with its places filled in; numbers as the language writes them. */
export function fill(
  message: Message | undefined,
  language: Language,
  values: Values = {},
): string | undefined {
  if (message === undefined) return undefined;
  const form = typeof message === "string" ? message : pluralForm(message, language, values["n"]);
  return form.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === "number" ? numberFormat(language).format(value) : value;
  });
}

function pluralForm(message: PluralMessage, language: Language, n: string | number | undefined): string {
  const rule = pluralRules(language).select(Number(n ?? 0));
  return message[rule] ?? message.other;
}

function cached<Made>(make: (language: Language) => Made): (language: Language) => Made {
  const made = new Map<Language, Made>();
  return (language) => {
    const known = made.get(language) ?? make(language);
    made.set(language, known);
    return known;
  };
}

const pluralRules = cached((language) => new Intl.PluralRules(language));
const numberFormat = cached((language) => new Intl.NumberFormat(language));
