import { lazy, Suspense } from "react";
import { loadArea } from "@/i18n/text";
import { isAgent, useSession } from "@/session/session";
import { Connection } from "./connection";
import { usePresence } from "./presence";
import { SearchButton } from "./search-button";

const Bell = lazy(async () => {
  const [{ Bell }] = await Promise.all([import("./bell"), loadArea("notifications")]);
  return { default: Bell };
});
const Presence = lazy(() => import("./presence-popover"));

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
