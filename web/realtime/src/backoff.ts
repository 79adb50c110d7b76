/** Bounds of the time between two attempts to connect, in milliseconds. */
export interface BackoffBounds {
  /** About how long before the first attempt: 1,000 if not given. */
  firstMs?: number;
  /** The longest time: 30,000 if not given. */
  maxMs?: number;
}

/**
 * How long to wait before attempt `attempt` (from 1): about 1 s, 2 s, 4 s … up to 30 s. `random` (from 0, less than 1)
 * spreads it by a third, so that clients that were cut together do not come back together.
 */
export function backoffMs(attempt: number, random: number, bounds: BackoffBounds = {}): number {
  const { firstMs = 1_000, maxMs = 30_000 } = bounds;
  // 2 ** 1,024 is infinite, which the limit makes finite again.
  const longest = Math.min(maxMs, 1.2 * firstMs * 2 ** (attempt - 1));
  return Math.round(longest * (2 / 3 + random / 3));
}
