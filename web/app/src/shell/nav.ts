import {
  Activity,
  Gauge,
  GitCompare,
  History,
  Inbox,
  LayoutDashboard,
  type LucideIcon,
  PlusCircle,
  ScrollText,
  ShieldCheck,
  Signature,
  Ticket,
  Users,
} from "lucide-react";
import type { English } from "@/i18n/english";

export interface NavItem {
  href: string;
  name: keyof English["shell"];
  icon: LucideIcon;
}

const REQUESTER: readonly NavItem[] = [
  { href: "/dashboard", name: "dashboard", icon: LayoutDashboard },
  { href: "/tickets", name: "myTickets", icon: Ticket },
  { href: "/tickets/new", name: "newTicket", icon: PlusCircle },
];

const ADMIN: readonly NavItem[] = [
  { href: "/admin/dashboard", name: "dashboard", icon: Gauge },
  { href: "/admin/tickets", name: "allTickets", icon: Inbox },
  { href: "/admin/users", name: "users", icon: Users },
  { href: "/ops", name: "operations", icon: Activity },
];

const AUDITOR: readonly NavItem[] = [
  { href: "/audit", name: "record", icon: ScrollText },
  { href: "/audit/tickets", name: "ticketsThen", icon: History },
  { href: "/audit/diff", name: "compare", icon: GitCompare },
  { href: "/audit/verify", name: "verify", icon: ShieldCheck },
  { href: "/audit/heads", name: "heads", icon: Signature },
  { href: "/ops", name: "operations", icon: Activity },
];

const OPERATOR: readonly NavItem[] = [{ href: "/ops", name: "operations", icon: Activity }];

/** Where somebody in this role can go. An admin sees the user's view too, for tickets of their own. */
export function navOf(role: string, path: string): readonly NavItem[] {
  switch (role) {
    case "ADMIN":
      return isAdminPath(path) ? ADMIN : REQUESTER;
    case "AUDITOR":
      return AUDITOR;
    case "OPERATOR":
      return OPERATOR;
    case "GUEST":
      return [
        { href: "/dashboard", name: "dashboard", icon: LayoutDashboard },
        { href: "/tickets", name: "myTickets", icon: Ticket },
      ];
    default:
      return REQUESTER;
  }
}

const isUserPath = (path: string): boolean =>
  path === "/dashboard" || path === "/tickets" || path.startsWith("/tickets/");

/** Whether the admin's navigation is shown on this page: everywhere but on the user's own pages. */
export function isAdminPath(path: string): boolean {
  return !isUserPath(path);
}

/** Pages that are not where the pages below them are: those are elsewhere in the navigation. */
const IS_ALONE = new Set(["/tickets", "/dashboard", "/audit"]);

/** Whether `href` is where `path` is. */
export function isCurrent(href: string, path: string): boolean {
  return href === path || (!IS_ALONE.has(href) && path.startsWith(`${href}/`));
}
