import { page, type Route } from "@/shell/route";

export const routes: readonly Route[] = [
  page(
    "/account",
    ["GUEST", "USER", "ADMIN", "AUDITOR", "OPERATOR"],
    ["account", "form", "shell"],
    () => import("./account-page"),
  ),
];
