import { page, type Route } from "@/shell/route";

export const routes: readonly Route[] = [page("/admin/users", ["ADMIN"], ["users"], () => import("./users"))];
