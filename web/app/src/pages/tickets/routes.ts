import { page, type Route } from "@/shell/route";

export const routes: readonly Route[] = [
  page("/tickets", ["USER", "GUEST", "ADMIN"], ["tickets"], () => import("./my-page")),
  page("/tickets/new", ["USER", "ADMIN"], ["tickets", "files"], () => import("./new-page")),
  page("/admin/tickets", ["ADMIN"], ["tickets"], () => import("./list-page")),
  page("/search", ["GUEST", "USER", "ADMIN", "AUDITOR"], ["palette"], () => import("./search-page")),
];
