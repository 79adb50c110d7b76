import { usePreferences } from "@/lib/preferences";

/** Dates, times and sizes as the reader writes them, in the reader's time zone. */
export interface Formats {
  /** Jan 5, 2027 */
  date: (moment: string | number | Date) => string;
  /** Jan 5, 2027, 2:05 PM */
  dateTime: (moment: string | number | Date) => string;
  /** 2:05:09 PM */
  time: (moment: string | number | Date) => string;
  /** "5 minutes ago", "in 2 hours", as seen at `now`. */
  relative: (moment: string | number | Date, now: number) => string;
  number: (value: number, digits?: number) => string;
  percent: (part: number) => string;
  /** 1.4 MB */
  bytes: (bytes: number) => string;
  list: (items: readonly string[]) => string;
}

const made = new Map<string, Formats>();

export function useFormats(): Formats {
  return formats(usePreferences().language);
}

export function formats(language: string): Formats {
  const known = made.get(language) ?? make(language);
  made.set(language, known);
  return known;
}

const STEPS = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 7],
  ["week", 4.35],
  ["month", 12],
  ["year", Number.POSITIVE_INFINITY],
] as const;

function make(language: string): Formats {
  const date = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const time = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const list = new Intl.ListFormat(language, { type: "conjunction" });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const numbers = [0, 1, 2, 3].map(
    (digits) => new Intl.NumberFormat(language, { maximumFractionDigits: digits }),
  );
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"].map(
    (unit) =>
      new Intl.NumberFormat(language, {
        style: "unit",
        unit,
        unitDisplay: "short",
        maximumFractionDigits: 1,
      }),
  );
  const at = (moment: string | number | Date) => new Date(moment);
  return {
    date: (moment) => date.format(at(moment)),
    dateTime: (moment) => dateTime.format(at(moment)),
    time: (moment) => time.format(at(moment)),
    relative(moment, now) {
      let amount = (at(moment).getTime() - now) / 1_000;
      for (const [unit, next] of STEPS) {
        if (Math.abs(amount) < next) return relative.format(Math.round(amount), unit);
        amount /= next;
      }
      return date.format(at(moment));
    },
    number: (value, digits = 0) => (numbers[digits] ?? numbers[3]!).format(value),
    percent: (part) => percent.format(part),
    bytes(bytes) {
      let amount = bytes;
      let place = 0;
      // As the server counts, and says: its limit of 10 MB are 10 times 1,024 times 1,024 bytes.
      while (amount >= 1_024 && place < units.length - 1) {
        amount /= 1_024;
        place += 1;
      }
      return units[place]!.format(amount);
    },
    list: (items) => list.format(items),
  };
}
