import type { Ticket } from "@/api/schema";

/** What of a ticket can be changed. */
export const FIELDS = ["title", "description", "status", "priority", "category", "assignedToId"] as const;
export type FieldName = (typeof FIELDS)[number];
/** Some of the fields; null is nobody. */
export type Values = Partial<Record<FieldName, string | null>>;

/** What a change was decided on, and what is needed to decide again. */
export interface ChangeMemo {
  kind: "change";
  base: Values;
}

/** A comment: how many just like it there were when it was given. */
export interface CommentMemo {
  kind: "comment";
  twins: number;
}

export const isChangeMemo = (memo: unknown): memo is ChangeMemo => hasKind(memo, "change");
export const isCommentMemo = (memo: unknown): memo is CommentMemo => hasKind(memo, "comment");

function hasKind(memo: unknown, kind: string): boolean {
  return typeof memo === "object" && memo !== null && "kind" in memo && memo.kind === kind;
}

/** These fields of the ticket; all of them if not said. */
export function valuesOf(ticket: Ticket, names: readonly FieldName[] = FIELDS): Values {
  return Object.fromEntries(names.map((name) => [name, ticket[name] ?? null]));
}

export function namesOf(values: Values): FieldName[] {
  return FIELDS.filter((name) => values[name] !== undefined);
}
