import { useSyncExternalStore } from "react";
import { Store } from "./store";

const now = new Store(Date.now());
let ticking: ReturnType<typeof setInterval> | undefined;
let watchers = 0;

function subscribe(listener: () => void): () => void {
  const end = now.subscribe(listener);
  watchers += 1;
  ticking ??= setInterval(() => now.set(Date.now()), 30_000);
  return () => {
    end();
    watchers -= 1;
    if (watchers === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

/** The time, anew every half a minute: for "5 minutes ago". */
export function useNow(): number {
  return useSyncExternalStore(subscribe, now.get);
}
