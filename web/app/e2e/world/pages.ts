// Every page of the client: who looks at it, and where it is then. A test insists that none is missing.
import type { Filled } from "./fill";
import type { People } from "./desk";

/** Somebody who looks at pages; null: nobody is signed in. */
export type Onlooker = keyof People | "guest" | null;

export interface Sight {
  /** What it is called in reports and pictures. */
  name: string;
  who: Onlooker;
  /** The route's path, as the client has it; null for what no route shows. */
  route: string | null;
  /** The address, with everything filled in. */
  at: (filled: Filled) => string;
}

const sight = (name: string, who: Onlooker, route: string, at?: (filled: Filled) => string): Sight => ({
  name,
  who,
  route,
  at: at ?? (() => route),
});

export const SIGHTS: readonly Sight[] = [
  sight("home", null, "/"),
  sight("login", null, "/login"),
  sight("register", null, "/register"),
  sight("submit", null, "/submit-ticket"),
  sight(
    "submitted",
    null,
    "/submit-ticket/success",
    ({ guestTicket }) => `/submit-ticket/success?ticket=${guestTicket}`,
  ),
  sight("dashboard", "ulla", "/dashboard"),
  sight("dashboard-guest", "guest", "/dashboard"),
  sight("tickets", "ulla", "/tickets"),
  sight("ticket-new", "ulla", "/tickets/new"),
  sight("ticket", "ulla", "/tickets/:id", ({ full }) => `/tickets/${full.id}`),
  sight("ticket-guest", "guest", "/tickets/view/:id", ({ guestTicket }) => `/tickets/view/${guestTicket}`),
  sight("notifications", "ulla", "/notifications"),
  sight("admin-dashboard", "ada", "/admin/dashboard"),
  sight("admin-tickets", "ada", "/admin/tickets"),
  sight("admin-ticket", "ada", "/admin/tickets/:id", ({ full }) => `/admin/tickets/${full.id}`),
  sight("admin-users", "ada", "/admin/users"),
  { name: "not-found", who: "ulla", route: null, at: () => "/no/such/page" },
  { name: "forbidden", who: "ulla", route: null, at: () => "/admin/users" },
];
