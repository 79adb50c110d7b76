import { page, type Route } from "@/shell/route";

export const routes: readonly Route[] = [
  page("/dashboard", ["USER", "GUEST", "ADMIN"], ["dashboard"], () => import("./dashboard")),
  page("/admin/dashboard", ["ADMIN"], ["dashboard", "connection"], () => import("./admin-dashboard")),
];
