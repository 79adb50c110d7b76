import { Store } from "@/lib/store";

/** What lies over the page. */
export type Overlay = "palette" | "shortcuts";

export const overlay = new Store<Overlay | null>(null);
