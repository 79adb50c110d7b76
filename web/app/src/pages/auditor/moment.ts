// A moment as it stands in the URL: a position (digits) or an RFC 3339 time. Nothing is the beginning, or now.

export type Moment =
  { kind: "none" } | { kind: "position"; position: number } | { kind: "time"; time: string };

export const NONE: Moment = { kind: "none" };

/** Reads what stands in a URL. What is no moment is none. */
export function momentOf(text: string | null): Moment {
  if (text === null || text === "") return NONE;
  if (/^\d{1,15}$/.test(text)) return { kind: "position", position: Number(text) };
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? NONE : { kind: "time", time: time.toISOString() };
}

/** Writes it for a URL or a query; nothing if there is nothing to say. */
export function written(moment: Moment): string | undefined {
  if (moment.kind === "position") return String(moment.position);
  return moment.kind === "time" ? moment.time : undefined;
}

const two = (number: number) => String(number).padStart(2, "0");

/** The time as a field for local dates and times has it: in the reader's zone, to the second. */
export function localOf(time: string | number): string {
  const at = new Date(time);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** A field's local time as a time for everybody; null if there is none. */
export function timeOf(local: string): string | null {
  const at = new Date(local);
  return local === "" || Number.isNaN(at.getTime()) ? null : at.toISOString();
}
