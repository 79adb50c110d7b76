import type { TicketFilters } from "@/api/queries";
import { CATEGORIES, PRIORITIES, STATUSES } from "@/lib/ticket-fields";

/** The orders that a list can have. */
export const SORTS = ["newest", "oldest", "updated", "priority"] as const;
export type Sort = (typeof SORTS)[number];

/** Which tickets are shown, and in which order. It lives in the URL. */
export interface View {
  status: readonly string[];
  priority: readonly string[];
  category: readonly string[];
  /** An agent's id, `me`, `none`, or empty for anybody. */
  assignee: string;
  q: string;
  sort: Sort;
}

/** The statuses of tickets that still need somebody. */
export const ACTIVE: readonly string[] = ["OPEN", "IN_PROGRESS", "WAITING"];

export const EVERYTHING: View = {
  status: [],
  priority: [],
  category: [],
  assignee: "",
  q: "",
  sort: "newest",
};

/** The links of the original that must keep on working. */
const FORMER: Record<string, Partial<View>> = {
  unassigned: { assignee: "none", status: ACTIVE },
  "assigned-to-me": { assignee: "me" },
};

/** What a URL's query says; what it does not understand does not count. */
export function viewOf(search: string): View {
  const asked = new URLSearchParams(search);
  const choice = (name: string, known: readonly string[]) => {
    const said = (asked.get(name) ?? "").split(",");
    return known.filter((one) => said.includes(one));
  };
  const sort = asked.get("sort");
  const given: View = {
    status: choice("status", STATUSES),
    priority: choice("priority", PRIORITIES),
    category: choice("category", CATEGORIES),
    assignee: asked.get("assignee") ?? "",
    q: asked.get("q") ?? "",
    sort: SORTS.find((one) => one === sort) ?? "newest",
  };
  return { ...given, ...FORMER[asked.get("filter") ?? ""] };
}

/** The query of a view's URL, without what goes without saying. */
export function searchOf(view: View): string {
  const said = new URLSearchParams();
  for (const name of ["status", "priority", "category"] as const) {
    if (view[name].length > 0) said.set(name, view[name].join(","));
  }
  if (view.assignee) said.set("assignee", view.assignee);
  if (view.q.trim()) said.set("q", view.q);
  if (view.sort !== "newest") said.set("sort", view.sort);
  // Commas may stand as they are, and are easier to read so.
  const text = said.toString().replaceAll("%2C", ",");
  return text && `?${text}`;
}

/** Whether a view leaves out anything. */
export function isFiltered({ status, priority, category, assignee, q }: View): boolean {
  return status.length + priority.length + category.length > 0 || assignee !== "" || q.trim() !== "";
}

/** The view's filters as the server knows them; of one requester's tickets, if that is said. */
export function filtersOf(view: View, requester: string | undefined): TicketFilters {
  const { status, priority, category, assignee, q } = view;
  return {
    ...(status.length > 0 && { status }),
    ...(priority.length > 0 && { priority }),
    ...(category.length > 0 && { category }),
    ...(assignee && { assignee }),
    ...(q.trim() && { q: q.trim() }),
    ...(requester && { requester }),
  };
}
