/** How long anything may take that is waited for, in milliseconds. */
export const DEADLINE_MS = 30_000;

const INTERVAL_MS = 20;

/** Asks `look` until it gives something, or the deadline is over. What it throws ends the waiting. */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | null | undefined> | Found | null | undefined,
  deadlineMs = DEADLINE_MS,
): Promise<Found> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}
