// The film of a ticket, without its pictures: what is there after so many events, and how long each of them is shown.
import type { Attachment, Comment, HistoryStep, Ticket } from "@/api/schema";

/** What kind of event it is; each has its own colour and shape. */
export type Kind =
  "begin" | "text" | "status" | "fields" | "people" | "comment" | "internal" | "file" | "end";

export const KINDS: readonly Kind[] = [
  "begin",
  "status",
  "fields",
  "people",
  "text",
  "comment",
  "internal",
  "file",
  "end",
];

/** How fast it is played. */
export const SPEEDS = [0.5, 1, 2, 4, 8] as const;

/** A pause of this length or longer is jumped over, and the jump shown. */
export const LONG_PAUSE_MS = 3_600_000;

const SHOWN_MIN_MS = 900;
const SHOWN_MAX_MS = 5_000;
/** How long a reader takes for a character. */
const CHARACTER_MS = 18;
/** How much longer a jump over a long pause is shown. */
const JUMP_MS = 1_100;

export function kindOf(step: HistoryStep): Kind {
  switch (step.type) {
    case "TicketCreated":
      return "begin";
    case "TicketTitleChanged":
    case "TicketDescriptionChanged":
      return "text";
    case "TicketStatusChanged":
      return "status";
    case "TicketAssigned":
    case "TicketUnassigned":
      return "people";
    case "CommentAdded":
      return commentOf(step)?.isInternal ? "internal" : "comment";
    case "AttachmentAdded":
      return "file";
    case "TicketDeleted":
      return "end";
    default:
      return "fields";
  }
}

/** What a step's change of `field` came to. */
function added(step: HistoryStep, field: string): unknown {
  return step.changes.find((change) => change.field === field)?.to ?? null;
}

/** The comment that the step added. */
export function commentOf(step: HistoryStep): Comment | null {
  return added(step, "comment") as Comment | null;
}

/** The file that the step added. */
export function fileOf(step: HistoryStep): Attachment | null {
  return added(step, "attachment") as Attachment | null;
}

/** The ticket as it was just after an event. */
export interface Frame {
  step: HistoryStep;
  /** Null once it is deleted. */
  ticket: Ticket | null;
  /** What it was last, for the picture of a ticket that is deleted. */
  last: Ticket | null;
  /** Oldest first. */
  comments: Comment[];
  /** Oldest first. */
  files: Attachment[];
  /** Which of its fields are others than before. Nothing for the first event: everything is new there. */
  changed: ReadonlySet<string>;
}

/** What is shown at step `index`, counted from 0. */
export function frameAt(steps: readonly HistoryStep[], index: number): Frame | null {
  const step = steps[index];
  if (!step) return null;
  const past = steps.slice(0, index + 1);
  const isBegin = kindOf(step) === "begin";
  return {
    step,
    ticket: kindOf(step) === "end" ? null : (step.after ?? null),
    last: step.after ?? step.before ?? null,
    comments: past.map(commentOf).filter((comment) => comment !== null),
    files: past.map(fileOf).filter((file) => file !== null),
    changed: new Set(isBegin ? [] : step.changes.map(({ field }) => field)),
  };
}

/** The step that was the last one at `position`: the first one if the ticket was not there yet. */
export function indexAt(steps: readonly HistoryStep[], position: number): number {
  const next = steps.findIndex((step) => step.position > position);
  return next === -1 ? Math.max(0, steps.length - 1) : Math.max(0, next - 1);
}

/** How long after the step before it happened, in milliseconds. Clocks that were set back make no negative pause. */
export function pauseBefore(steps: readonly HistoryStep[], index: number): number {
  const before = steps[index - 1];
  const step = steps[index];
  if (!before || !step) return 0;
  return Math.max(0, Date.parse(step.occurredAt) - Date.parse(before.occurredAt));
}

/** Whether the film jumps to get to this step. */
export function isJump(steps: readonly HistoryStep[], index: number): boolean {
  return pauseBefore(steps, index) >= LONG_PAUSE_MS;
}

/** How long step `index` is shown, in milliseconds: as long as it takes to read, and a little longer after a jump. */
export function shownMs(steps: readonly HistoryStep[], index: number, speed: number): number {
  const step = steps[index];
  if (!step) return 0;
  const reading = SHOWN_MIN_MS + CHARACTER_MS * step.text.length;
  const jump = isJump(steps, index) ? JUMP_MS : 0;
  return (Math.min(SHOWN_MAX_MS, reading) + jump) / speed;
}

/** How long the film takes from step `index` to its end, in milliseconds. */
export function leftMs(steps: readonly HistoryStep[], index: number, speed: number): number {
  let left = 0;
  for (let at = index; at < steps.length - 1; at += 1) left += shownMs(steps, at, speed);
  return left;
}

/** A mark on the slider: one event, or several where there are more than places for marks. */
export interface Mark {
  index: number;
  kind: Kind;
  /** How many events it stands for. */
  events: number;
  /** The longest pause before one of them, if it is a long one; else 0. */
  pause: number;
}

/** The marks, at most `most` of them. */
export function marksOf(steps: readonly HistoryStep[], most: number): Mark[] {
  const each = Math.max(1, Math.ceil(steps.length / most));
  const marks: Mark[] = [];
  for (let from = 0; from < steps.length; from += each) {
    const some = steps.slice(from, from + each);
    const pauses = some.map((_, at) => pauseBefore(steps, from + at));
    const pause = Math.max(...pauses);
    marks.push({
      index: from,
      kind: weightiest(some),
      events: some.length,
      pause: pause >= LONG_PAUSE_MS ? pause : 0,
    });
  }
  return marks;
}

const WEIGHT: readonly Kind[] = [
  "end",
  "begin",
  "status",
  "people",
  "text",
  "internal",
  "comment",
  "file",
  "fields",
];

function weightiest(steps: readonly HistoryStep[]): Kind {
  const kinds = new Set(steps.map(kindOf));
  return WEIGHT.find((kind) => kinds.has(kind)) ?? "fields";
}

/**
 * The steps of a page after those that are there already. What a step was before is what the last one came to, and a long
 * description that did not change is kept once.
 */
export function append(steps: readonly HistoryStep[], page: readonly HistoryStep[]): HistoryStep[] {
  const all = [...steps];
  for (const step of page) {
    const last = all.at(-1);
    if (last && step.version <= last.version) continue;
    const lean = { ...step };
    if (last?.after && lean.before) lean.before = last.after;
    if (lean.after && lean.before?.description === lean.after.description) {
      lean.after = { ...lean.after, description: lean.before.description };
    }
    all.push(lean);
  }
  return all;
}
