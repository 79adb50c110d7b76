/** The most critical first, as everywhere. */
const ORDER = ["CRITICAL", "HIGH", "MEDIUM", "LOW"] as const;
type Priority = (typeof ORDER)[number];

/** How many tickets of each priority there are; what is not there is 0. */
export type ByPriority = Partial<Record<string, number>>;

/** A part of the ring: where it begins and how much of it there is, of 1. */
export interface Part {
  priority: Priority;
  n: number;
  from: number;
  share: number;
}

/** The parts of the ring, from twelve o'clock, the most critical first; nothing for what there is none of. */
export function partsOf(counts: ByPriority): Part[] {
  const total = ORDER.reduce((sum, priority) => sum + (counts[priority] ?? 0), 0);
  let from = 0;
  const parts: Part[] = [];
  for (const priority of ORDER) {
    const n = counts[priority] ?? 0;
    if (n === 0) continue;
    const share = n / total;
    parts.push({ priority, n, from, share });
    from += share;
  }
  return parts;
}
