import { page, type Route } from "@/shell/route";

export const routes: readonly Route[] = [
  page("/notifications", ["USER", "GUEST", "ADMIN"], ["notifications"], () => import("./notifications")),
];
