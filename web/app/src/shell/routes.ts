import { matchRoute } from "wouter";
import { parse } from "regexparam";
import { routes as account } from "@/pages/account/routes";
import { routes as auditor } from "@/pages/auditor/routes";
import { routes as dashboard } from "@/pages/dashboard/routes";
import { routes as notifications } from "@/pages/notifications/routes";
import { routes as operator } from "@/pages/operator/routes";
import { routes as publicPages } from "@/pages/public/routes";
import { routes as ticket } from "@/pages/ticket/routes";
import { routes as tickets } from "@/pages/tickets/routes";
import { routes as users } from "@/pages/users/routes";
import type { Route } from "./route";

/** Every page. The first that matches is shown. */
export const ROUTES: readonly Route[] = [
  ...publicPages,
  ...account,
  ...dashboard,
  ...tickets,
  ...ticket,
  ...users,
  ...notifications,
  ...auditor,
  ...operator,
];

/** The page at `path`. */
export function routeOf(path: string): Route | undefined {
  return ROUTES.find((route) => matchRoute(parse, route.path, path)[0]);
}

/** Loads the page that a link leads to, before it is followed. */
export function preload(href: string): void {
  const path = new URL(href, window.location.origin).pathname;
  routeOf(path)
    ?.load()
    .catch(() => {
      // Whoever follows the link sees why.
    });
}
