import type { HistoryStep } from "@/api/schema";
import type { FieldName } from "./fields";

/** What somebody did, as far as a list of what happened tells it. */
export type Deed =
  | { kind: "created" | "deleted" | "commented" | "noted" | "described" }
  | { kind: "attached"; name: string }
  | { kind: "retitled"; to: string }
  | { kind: "assigned"; to: string | null }
  | { kind: "status" | "priority" | "category"; from: string; to: string }
  | { kind: "other"; text: string };

interface Change {
  field: string;
  from?: unknown;
  to?: unknown;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const partOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** The history's fields by the names that a ticket has for them. */
export const HISTORY_FIELD: Record<FieldName, string> = {
  title: "title",
  description: "description",
  status: "status",
  priority: "priority",
  category: "category",
  assignedToId: "assignee",
};

/** What a step of the history did. */
export function deedsOf({ type, changes, text }: Pick<HistoryStep, "type" | "changes" | "text">): Deed[] {
  if (type === "TicketCreated") return [{ kind: "created" }];
  const deeds = (changes as Change[]).flatMap((change) => deedOf(change) ?? []);
  return deeds.length > 0 ? deeds : [{ kind: "other", text }];
}

function deedOf({ field, from, to }: Change): Deed | null {
  switch (field) {
    case "status":
    case "priority":
    case "category":
      return { kind: field, from: textOf(from), to: textOf(to) };
    case "assignee":
      return { kind: "assigned", to: to ? textOf(partOf(to, "name")) : null };
    case "title":
      return { kind: "retitled", to: textOf(to) };
    case "description":
      return { kind: "described" };
    case "comment":
      return { kind: partOf(to, "isInternal") === true ? "noted" : "commented" };
    case "attachment":
      return { kind: "attached", name: textOf(partOf(to, "fileName")) };
    case "deleted":
      return { kind: "deleted" };
    default:
      return null;
  }
}
