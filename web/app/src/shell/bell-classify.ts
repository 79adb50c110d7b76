import type { Ticket } from "@/api/schema";
import type { Kind } from "./bell-notes";

/** Whom news are for. */
export interface Reader {
  id: string;
  name: string;
}

/** A field of the ticket has changed by this event; otherwise a comment or a file came to it. */
export function isFieldChange(ticket: { updatedAt: string }, occurredAt: string): boolean {
  return ticket.updatedAt === occurredAt;
}

/** What the comment that came by this event means to the reader; null if none did. */
export function commentOf(
  whole: Ticket,
  occurredAt: string,
  reader: Reader,
): { kind: Kind; who: string } | null {
  const comment = whole.comments?.findLast(({ createdAt }) => createdAt === occurredAt);
  if (!comment || comment.user.id === reader.id) return null;
  const kind = mentions(comment.content, reader.name)
    ? "mention"
    : whole.createdById === reader.id
      ? "reply"
      : "comment";
  return { kind, who: comment.user.name };
}

/** Whether the text names somebody: `@Ada King`, or `@Ada` alone. */
export function mentions(text: string, name: string): boolean {
  const [first = ""] = name.trim().split(/\s+/u);
  return [name.trim(), first]
    .filter((part) => [...part].length > 1)
    .some((part) => new RegExp(`(^|[^\\p{L}\\p{N}_])@${escaped(part)}(?![\\p{L}\\p{N}_])`, "iu").test(text));
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/gu, (sign) => (sign === "-" ? "\\x2d" : `\\${sign}`));
}
