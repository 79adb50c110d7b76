import type { ComponentType } from "react";
import { type Area, loadArea } from "@/i18n/text";
import type { Role } from "@/session/session";

type PageModule = { default: ComponentType };

/** A page of the desk. */
export interface Route {
  /** Its path, as wouter matches it: `/tickets/:id`. */
  path: string;
  /** Whose page it is: everybody's, or of these roles. */
  who: "everyone" | readonly Role[];
  /** Without the navigation around it: for pages that are their own entrance. */
  isBare?: boolean;
  /** Loads its code and its texts, once. */
  load: () => Promise<PageModule>;
}

/** A page whose code and texts come when it is first looked at, or about to be. */
export function page(
  path: string,
  who: Route["who"],
  areas: readonly Area[],
  load: () => Promise<PageModule>,
  options: Pick<Route, "isBare"> = {},
): Route {
  let loading: Promise<PageModule> | undefined;
  return {
    path,
    who,
    ...options,
    load() {
      loading ??= Promise.all([load(), ...areas.map((area) => loadArea(area))]).then(([module]) => module);
      // A lost connection, or a version that is no longer there: whoever comes again tries again.
      loading.catch(() => (loading = undefined));
      return loading;
    },
  };
}
