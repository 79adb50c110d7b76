import { page, type Route } from "@/shell/route";

export const routes: readonly Route[] = [
  page("/admin/tickets/:id", ["ADMIN"], ["ticket", "files"], () => import("./admin")),
  page("/tickets/view/:id", ["GUEST"], ["ticket", "files"], () => import("./guest")),
  page("/tickets/:id", ["USER", "ADMIN", "GUEST"], ["ticket", "files"], () => import("./user")),
];
