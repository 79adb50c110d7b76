import { useCallback, useEffect, useRef, useState } from "react";
import type { ListChanged } from "informejo-realtime";
import { useText } from "@/i18n/text";
import { announce } from "@/lib/announce";
import { pendingChanges } from "@/lib/ticket-change";

/** How long a change is highlighted, in milliseconds. */
const FRESH_MS = 2_000;
/** Changes are read out together, after so many milliseconds. */
const BUNDLE_MS = 2_500;

type Timer = ReturnType<typeof setTimeout>;

const NOTHING: ReadonlySet<string> = new Set();

/** What has just changed in a list: highlighted for a moment, and read out in one sentence. */
export function useNews(listKey: string) {
  const t = useText("tickets");
  const [fresh, setFresh] = useState(NOTHING);
  const say = useRef(t);
  useEffect(() => {
    say.current = t;
  });
  const bundle = useRef({ entered: new Set<string>(), left: new Set<string>() });
  const timers = useRef<Record<"fresh" | "bundle", Timer | undefined>>({
    fresh: undefined,
    bundle: undefined,
  });

  useEffect(() => {
    const { current } = timers;
    return () => {
      clearTimeout(current.fresh);
      clearTimeout(current.bundle);
      current.bundle = undefined;
      bundle.current = { entered: new Set(), left: new Set() };
      setFresh(NOTHING);
    };
  }, [listKey]);

  const told = useCallback((changes: readonly ListChanged[]) => {
    const { current } = timers;
    setFresh((before) => new Set([...before, ...changes.map(({ id }) => id)]));
    clearTimeout(current.fresh);
    current.fresh = setTimeout(() => setFresh(NOTHING), FRESH_MS);
    const own = new Set(pendingChanges.get().map(({ ticket }) => ticket));
    for (const { id, change } of changes) {
      if (own.has(id)) continue;
      const { entered, left } = bundle.current;
      if (change === "entered" && !left.delete(id)) entered.add(id);
      if (change === "left" && !entered.delete(id)) left.add(id);
    }
    current.bundle ??= setTimeout(() => {
      current.bundle = undefined;
      const { entered, left } = bundle.current;
      bundle.current = { entered: new Set(), left: new Set() };
      const sentences = [
        entered.size > 0 && say.current("entered", { n: entered.size }),
        left.size > 0 && say.current("left", { n: left.size }),
      ].filter(Boolean);
      if (sentences.length > 0) announce(sentences.join(" "));
    }, BUNDLE_MS);
  }, []);

  return { fresh, told };
}
