import type { Route } from "@/shell/route";

export const routes: readonly Route[] = [];
