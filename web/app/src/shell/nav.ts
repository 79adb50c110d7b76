import {
  Activity,
  Gauge,
  Inbox,
  LayoutDashboard,
  type LucideIcon,
  PlusCircle,
  ScrollText,
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
];

/** Where somebody in this role can go. An admin sees the user's view too, for tickets of their own. */
export function navOf(role: string, path: string): readonly NavItem[] {
  switch (role) {
    case "ADMIN":
      return isAdminPath(path) ? ADMIN : REQUESTER;
    case "AUDITOR":
      return [{ href: "/audit", name: "record", icon: ScrollText }];
    case "OPERATOR":
      return [{ href: "/ops", name: "operations", icon: Activity }];
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

/** Whether `href` is where `path` is. */
export function isCurrent(href: string, path: string): boolean {
  return href === path || (href !== "/tickets" && href !== "/dashboard" && path.startsWith(`${href}/`));
}
