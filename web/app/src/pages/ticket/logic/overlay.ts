// What is shown is what the server said, with what is on its way to it laid over: nothing has to be taken back when it refuses.
import type { Comment, Problem, Ticket } from "@/api/schema";
import type { Refusal, Unsent } from "@/lib/outbox";
import { type FieldName, isCommentMemo, namesOf, type Values } from "./fields";

type Person = NonNullable<Ticket["assignedTo"]>;

const isChange = ({ method, ticket }: Unsent, id: string): boolean => method === "PATCH" && ticket === id;

/** The ticket as it will be when everything unsent has arrived, and which of its fields are unsent. */
export function withUnsent(
  ticket: Ticket,
  unsent: readonly Unsent[],
  people: readonly Person[],
): { ticket: Ticket; pending: ReadonlySet<FieldName> } {
  const changes = unsent.filter((command) => isChange(command, ticket.id));
  if (changes.length === 0) return { ticket, pending: NONE };
  const values: Values = Object.assign({}, ...changes.map(({ body }) => body as Values));
  const shown = { ...ticket, ...values } as Ticket;
  if (values.assignedToId !== undefined) {
    const assignee = people.find(({ id }) => id === values.assignedToId);
    shown.assignedTo = values.assignedToId === null ? null : (assignee ?? ticket.assignedTo ?? null);
  }
  // Rendered from what was there before.
  if (values.description !== undefined) delete shown.descriptionHtml;
  return { ticket: shown, pending: new Set(namesOf(values)) };
}

const NONE: ReadonlySet<FieldName> = new Set();

/** A comment that the server has not confirmed yet. */
export interface PendingComment {
  key: string;
  content: string;
  isInternal: boolean;
  at: number;
}

interface Said {
  content: string;
  isInternal?: boolean;
}

const sameText = (text: string): string => text.replace(/\r\n?/g, "\n").trim();

const isTwin = (one: Said, { content, isInternal }: Said): boolean =>
  (one.isInternal ?? false) === (isInternal ?? false) && sameText(one.content) === sameText(content);

const isCommentOn = ({ method, path, ticket }: Unsent, id: string): boolean =>
  method === "POST" && ticket === id && path.endsWith("/comments");

/** How many comments just like this one `me` has written or is about to. */
export function twinsOf(
  said: Said,
  ticket: string,
  comments: readonly Comment[],
  unsent: readonly Unsent[],
  me: string,
): number {
  const written = comments.filter((one) => one.userId === me && isTwin(one, said)).length;
  const unwritten = pendingComments(ticket, comments, unsent, me).filter((one) => isTwin(one, said)).length;
  return written + unwritten;
}

/**
 * The comments that are on their way and not among those that are there: the server's broadcast of one's own may come
 * before its answer, and it has no key to be known by.
 */
export function pendingComments(
  ticket: string,
  comments: readonly Comment[],
  unsent: readonly Unsent[],
  me: string,
): PendingComment[] {
  return unsent
    .filter((command) => isCommentOn(command, ticket))
    .map((command) => {
      const { content, isInternal = false } = command.body as Said;
      const twins = isCommentMemo(command.memo) ? command.memo.twins : Number.POSITIVE_INFINITY;
      return { key: command.key, content, isInternal, at: command.at, twins };
    })
    .filter((one) => comments.filter((said) => said.userId === me && isTwin(said, one)).length <= one.twins)
    .map(({ key, content, isInternal, at }) => ({ key, content, isInternal, at }));
}

/** A comment that the server has refused, and why. */
export interface RefusedComment extends PendingComment {
  status: number;
  problem: Problem | null;
}

/** The comments on this ticket that were refused and not taken back yet. */
export function refusedComments(ticket: string, refusals: readonly Refusal[]): RefusedComment[] {
  return refusals
    .filter(({ command }) => isCommentOn(command, ticket))
    .map(({ command: { key, body, at }, status, problem }) => {
      const { content, isInternal = false } = body as Said;
      return { key, content, isInternal, at, status, problem };
    });
}
