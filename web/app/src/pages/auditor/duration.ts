import { usePreferences } from "@/lib/preferences";

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
  ["millisecond", 1],
] as const;

/** A length of time in its largest unit: "3 days", "12 sec". */
export function durationText(ms: number, language: string, unitDisplay: "long" | "narrow" = "long"): string {
  const [unit, length] = UNITS.find(([, length]) => ms >= length) ?? UNITS[4];
  const amount = ms / length;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit,
    unitDisplay,
    maximumFractionDigits: amount < 10 && length > 1_000 ? 1 : 0,
  }).format(amount);
}

export function useDuration(): (ms: number, display?: "long" | "narrow") => string {
  const { language } = usePreferences();
  return (ms, display) => durationText(ms, language, display);
}
