import { page, type Route } from "@/shell/route";

export const routes: readonly Route[] = [
  page("/admin/tickets/:id", ["ADMIN"], ["ticket"], () => import("./admin")),
  page("/tickets/view/:id", ["GUEST"], ["ticket"], () => import("./guest")),
  page("/tickets/:id", ["USER", "ADMIN", "GUEST"], ["ticket"], () => import("./user")),
];
