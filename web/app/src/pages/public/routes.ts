import { page, type Route } from "@/shell/route";

export const routes: readonly Route[] = [
  page("/", "everyone", ["public", "form"], () => import("./home")),
  page("/submit-ticket", "everyone", ["public", "form", "files"], () => import("./submit")),
  page("/submit-ticket/success", "everyone", ["public"], () => import("./submitted")),
  page("/login", "everyone", ["public", "form"], () => import("./login")),
  page("/register", "everyone", ["public", "form"], () => import("./register")),
  page("/register/confirm", "everyone", ["public", "form"], () => import("./confirm")),
  page("/forgot-password", "everyone", ["public", "form"], () => import("./forgot")),
  page("/reset-password", "everyone", ["public", "form"], () => import("./reset")),
  page("/unsubscribe", "everyone", ["public", "form"], () => import("./unsubscribe")),
  page("/link-account", "everyone", ["public", "form"], () => import("./link-account")),
  page("/tickets/view", "everyone", ["public", "form"], () => import("./guest")),
  page("/tickets/view/:id", "everyone", ["public", "form"], () => import("./guest")),
];
