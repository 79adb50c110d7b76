import { page, type Route } from "@/shell/route";

const AUDITORS = ["AUDITOR"] as const;

export const routes: readonly Route[] = [
  page("/audit", AUDITORS, ["auditor"], () => import("./overview")),
  page("/audit/tickets", AUDITORS, ["auditor"], () => import("./past/page")),
  page("/audit/tickets/:id", AUDITORS, ["auditor"], () => import("./machine/page")),
  page("/audit/tickets/:id/diff", AUDITORS, ["auditor"], () => import("./diff/ticket")),
  page("/audit/diff", AUDITORS, ["auditor"], () => import("./diff/desk")),
  page("/audit/verify", AUDITORS, ["auditor"], () => import("./verify/page")),
  page("/audit/heads", AUDITORS, ["auditor"], () => import("./heads/page")),
];
