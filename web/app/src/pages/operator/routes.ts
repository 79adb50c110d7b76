import { page, type Route } from "@/shell/route";

const READERS = ["OPERATOR", "ADMIN", "AUDITOR"] as const;

export const routes: readonly Route[] = [
  page("/ops", READERS, ["operator"], () => import("./overview")),
  page("/ops/log", READERS, ["operator", "auditor"], () => import("./log")),
  page("/ops/projections/:name", READERS, ["operator"], () => import("./projection/page")),
];
