import { useEffect, useState, useSyncExternalStore } from "react";
import { type Say, useText } from "@/i18n/text";
import { useFormats } from "@/i18n/format";
import { useConnection, useLive } from "@/live/live";
import { type Saying, sayingOf } from "./connection-state";

function subscribe(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** How the connection is. */
export function useSaying(): Saying {
  const hasNetwork = useSyncExternalStore(subscribe, () => navigator.onLine);
  const status = useConnection();
  const client = useLive();
  const saying = sayingOf(status, hasNetwork);
  // While connected, a status does not say when it was last true: the client does.
  const [lostAt, setLostAt] = useState<number | null>(null);
  useEffect(() => setLostAt(hasNetwork ? null : (client?.lastUpdated ?? null)), [client, hasNetwork]);
  return saying.is === "offlineSince" && lostAt !== null ? { ...saying, since: lostAt } : saying;
}

/** The same in words. */
export function useSayingText(): (saying: Saying) => string {
  const t: Say<"connection"> = useText("connection");
  const format = useFormats();
  return (saying) => {
    switch (saying.is) {
      case "offlineSince":
        return t("offlineSince", { time: format.time(saying.since) });
      case "reconnecting":
        return t("reconnecting", { attempt: saying.attempt });
      case "reconnectingIn":
        return t("reconnectingIn", { s: saying.s, attempt: saying.attempt });
      default:
        return t(saying.is);
    }
  };
}
