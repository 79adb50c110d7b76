import { useEffect, useState } from "react";
import { useFormats } from "@/i18n/format";
import { useLive } from "@/live/live";

const NOBODY: ReadonlyMap<string, string> = new Map();

/** Who looks at tickets right now, by name; without oneself. */
export function useViewers(watches: boolean, me: string): ReadonlyMap<string, string> {
  const live = useLive();
  const format = useFormats();
  const [viewers, setViewers] = useState(NOBODY);
  useEffect(() => {
    if (!live || !watches) return undefined;
    const end = live.on("viewers:changed", (changed) => {
      const names = changed.viewers.filter(({ id }) => id !== me).map(({ name }) => name);
      setViewers((before) => {
        const next = new Map(before);
        if (names.length > 0) next.set(changed.ticket, format.list(names));
        else next.delete(changed.ticket);
        return next;
      });
    });
    // Who went meanwhile is not told to those who were away themselves.
    const endStatus = live.onStatus(({ state }) => {
      if (state === "reconnecting" || state === "offline") setViewers(NOBODY);
    });
    return () => {
      end();
      endStatus();
    };
  }, [live, watches, me, format]);
  return viewers;
}
