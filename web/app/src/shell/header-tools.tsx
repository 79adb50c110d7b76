import { lazy, Suspense } from "react";
import { loadArea } from "@/i18n/text";
import { isAgent, useSession } from "@/session/session";
import { Connection } from "./connection";
import { usePresence } from "./presence";
import { SearchButton } from "./search-button";

/** How long to wait before what could not be loaded is tried again, in milliseconds. */
const RETRY_MS = 3_000;

/** Loads it however long that takes: a header without a bell is better than no page at all. */
async function persistently<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  for (;;) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

const Bell = lazy(() =>
  persistently(async () => {
    const [{ Bell }] = await Promise.all([import("./bell"), loadArea("notifications")]);
    return { default: Bell };
  }),
);
const Presence = lazy(() => persistently(() => import("./presence-popover")));

/** What the header has beside the account: search, the connection, who is there, notifications. */
export function HeaderTools() {
  const { me } = useSession();
  usePresence();
  if (!me) return null;
  const hasNews = me.role !== "AUDITOR" && me.role !== "OPERATOR";
  return (
    <Suspense fallback={null}>
      <SearchButton />
      <Connection />
      {isAgent(me) && (
        <Suspense fallback={null}>
          <Presence />
        </Suspense>
      )}
      {hasNews && (
        <Suspense fallback={null}>
          <Bell />
        </Suspense>
      )}
    </Suspense>
  );
}
