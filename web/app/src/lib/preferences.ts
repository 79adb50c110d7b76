import { useSyncExternalStore } from "react";
import { load, onChange, save } from "./storage";
import { Store } from "./store";

/** How the desk looks; `system` follows the machine. */
export const THEMES = ["system", "light", "dark", "contrast"] as const;
export type Theme = (typeof THEMES)[number];

/** The languages, each by its own name. */
export const LANGUAGES = { en: "English", de: "Deutsch", ar: "العربية" } as const;
export type Language = keyof typeof LANGUAGES;

/** What somebody has chosen for this browser. */
export interface Preferences {
  theme: Theme;
  language: Language;
  /** No toasts; the notification centre keeps what there is to know. */
  muted: boolean;
}

const KEY = "preferences";

function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && Object.hasOwn(LANGUAGES, value);
}

function preferred(): Language {
  const languages = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return languages.find(isLanguage) ?? "en";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function kept(): Preferences {
  const { theme, language, muted } = load(KEY, isObject) ?? {};
  return {
    theme: THEMES.find((one) => one === theme) ?? "system",
    language: isLanguage(language) ? language : preferred(),
    muted: muted === true,
  };
}

const store = new Store(kept());

function show({ theme, language }: Preferences): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
  root.lang = language;
  root.dir = language === "ar" ? "rtl" : "ltr";
}

store.subscribe(() => show(store.get()));
onChange(KEY, () => store.set(kept()));
show(store.get());

/** Changes what is given, in all tabs of this browser. */
export function prefer(change: Partial<Preferences>): void {
  const next = { ...store.get(), ...change };
  save(KEY, next);
  store.set(next);
}

/** The preferences outside of components. */
export const preferences = store.get;

export function usePreferences(): Preferences {
  return useSyncExternalStore(store.subscribe, store.get);
}
