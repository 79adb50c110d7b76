import { type RefObject, useEffect, useState, useSyncExternalStore } from "react";

/** Rows that are drawn above and below those on the screen. */
const SPARE = 10;
/** The window moves by so many rows at a time. */
const STEP = 5;

export interface Window {
  from: number;
  to: number;
}

/** Which rows of a list are on the screen, or nearly. All rows are of one height. */
export function useWindow(list: RefObject<HTMLElement | null>, rows: number, height: number): Window {
  const [shown, setShown] = useState<Window>({ from: 0, to: 40 });
  useEffect(() => {
    const look = () => {
      const top = list.current?.getBoundingClientRect().top;
      if (top === undefined) return;
      const first = Math.floor(-top / height / STEP) * STEP - SPARE;
      const last = Math.ceil((window.innerHeight - top) / height / STEP) * STEP + SPARE;
      const from = Math.max(0, Math.min(first, rows));
      const to = Math.max(from, Math.min(last, rows));
      setShown((before) => (before.from === from && before.to === to ? before : { from, to }));
    };
    look();
    window.addEventListener("scroll", look, { passive: true });
    window.addEventListener("resize", look);
    return () => {
      window.removeEventListener("scroll", look);
      window.removeEventListener("resize", look);
    };
  }, [list, rows, height]);
  return shown;
}

const wide = window.matchMedia("(min-width: 64rem)");
const subscribe = (listener: () => void) => {
  wide.addEventListener("change", listener);
  return () => wide.removeEventListener("change", listener);
};

/** Whether there is room for a table. */
export function useIsWide(): boolean {
  return useSyncExternalStore(subscribe, () => wide.matches);
}

/** So many `rem` in pixels: letters may be larger than usual. */
export function remPixels(rem: number): number {
  return rem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}
