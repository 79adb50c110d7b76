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

const TOKEN = "a".repeat(64);

export const SIGHTS: readonly Sight[] = [
  sight("home", null, "/"),
  sight("login", null, "/login"),
  sight("register", null, "/register"),
  sight("register-confirm", null, "/register/confirm", () => `/register/confirm#${TOKEN}`),
  sight("forgot", null, "/forgot-password"),
  sight("reset", null, "/reset-password", () => `/reset-password#${TOKEN}`),
  sight("unsubscribe", null, "/unsubscribe", () => `/unsubscribe#${TOKEN}`),
  sight("link-account", null, "/link-account", () => `/link-account#${TOKEN}`),
  sight("submit", null, "/submit-ticket"),
  sight(
    "submitted",
    null,
    "/submit-ticket/success",
    ({ guestTicket }) => `/submit-ticket/success?ticket=${guestTicket}`,
  ),
  sight("code", null, "/tickets/view"),
  sight("code-ticket", null, "/tickets/view/:id", ({ guestTicket }) => `/tickets/view/${guestTicket}`),
  sight("dashboard", "ulla", "/dashboard"),
  sight("dashboard-guest", "guest", "/dashboard"),
  sight("tickets", "ulla", "/tickets"),
  sight("ticket-new", "ulla", "/tickets/new"),
  sight("ticket", "viktor", "/tickets/:id", ({ full }) => `/tickets/${full.id}`),
  sight("ticket-guest", "guest", "/tickets/view/:id", ({ guestTicket }) => `/tickets/view/${guestTicket}`),
  sight("notifications", "ulla", "/notifications"),
  sight("account", "ulla", "/account"),
  sight("account-guest", "guest", "/account"),
  sight("search", "ada", "/search", () => "/search?q=printer"),
  sight("search-none", "ulla", "/search", () => "/search?q=nothing-like-this"),
  sight("admin-dashboard", "ada", "/admin/dashboard"),
  sight("admin-tickets", "ada", "/admin/tickets"),
  sight("admin-tickets-none", "ada", "/admin/tickets", () => "/admin/tickets?q=nothing-like-this"),
  sight("admin-ticket", "ada", "/admin/tickets/:id", ({ full }) => `/admin/tickets/${full.id}`),
  sight("admin-ticket-bare", "ada", "/admin/tickets/:id", ({ bare }) => `/admin/tickets/${bare.id}`),
  sight("admin-users", "ada", "/admin/users"),
  sight("audit", "alma", "/audit"),
  sight("audit-tickets", "alma", "/audit/tickets"),
  sight("audit-ticket", "alma", "/audit/tickets/:id", ({ full }) => `/audit/tickets/${full.id}`),
  sight(
    "audit-ticket-diff",
    "alma",
    "/audit/tickets/:id/diff",
    ({ full }) => `/audit/tickets/${full.id}/diff`,
  ),
  sight("audit-diff", "alma", "/audit/diff"),
  sight("audit-verify", "alma", "/audit/verify"),
  sight("audit-heads", "alma", "/audit/heads"),
  sight("ops", "otto", "/ops"),
  sight("ops-projection", "otto", "/ops/projections/:name", () => "/ops/projections/tickets"),
  sight("ops-log", "otto", "/ops/log"),
  { name: "not-found", who: "ulla", route: null, at: () => "/no/such/page" },
  { name: "forbidden", who: "ulla", route: null, at: () => "/admin/users" },
];
