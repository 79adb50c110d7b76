// How far read models were behind during the last minutes, as this page has seen it.
import { Store } from "@/lib/store";

export interface Sample {
  /** When, in milliseconds since 1970. */
  at: number;
  lag: number;
}

/** How far back the picture goes. */
export const SPAN_MS = 5 * 60_000;

export type Trends = Readonly<Record<string, readonly Sample[]>>;

/** The samples with one more, without those that are too old: but the last of those says how it was at the beginning. */
export function sampled(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last && sample.at <= last.at) return samples;
  const begin = sample.at - SPAN_MS;
  const from = samples.findLastIndex(({ at }) => at <= begin);
  return [...samples.slice(Math.max(0, from)), sample];
}

export const trends = new Store<Trends>({});

/** Notes how far each is behind. */
export function note(lags: readonly { name: string; lag: number }[], at: number): void {
  const next: Record<string, readonly Sample[]> = { ...trends.get() };
  for (const { name, lag } of lags) next[name] = sampled(next[name] ?? [], { at, lag });
  trends.set(next);
}

/** The steps of a line in a box of `width` by `height`: each lag holds until the next one is known. */
export function line(samples: readonly Sample[], now: number, width: number, height: number): string {
  const most = Math.max(1, ...samples.map(({ lag }) => lag));
  const across = (at: number) => Math.max(0, width - ((now - at) / SPAN_MS) * width);
  const down = (lag: number) => height - (lag / most) * height;
  const points: string[] = [];
  for (const [index, { at, lag }] of samples.entries()) {
    const until = samples[index + 1]?.at ?? now;
    points.push(`${round(across(at))},${round(down(lag))}`, `${round(across(until))},${round(down(lag))}`);
  }
  return points.join(" ");
}

const round = (number: number) => Math.round(number * 10) / 10;
