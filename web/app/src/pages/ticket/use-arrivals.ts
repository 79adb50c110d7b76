import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Comment } from "@/api/schema";
import { useText } from "@/i18n/text";
import { announce } from "@/lib/announce";

const NONE: ReadonlySet<string> = new Set();

/** Which comments have come from others since the page was opened. Told to whoever listens, several at once. */
export function useArrivals(comments: readonly Comment[], me: string): ReadonlySet<string> {
  const t = useText("ticket");
  const known = useRef<Set<string>>(null);
  const [fresh, setFresh] = useState(NONE);
  useEffect(() => {
    const before = known.current;
    known.current = new Set(comments.map(({ id }) => id));
    if (before === null) return;
    const come = comments.filter(({ id }) => !before.has(id));
    // Whoever answers has read what stands above.
    if (come.some(({ userId }) => userId === me)) setFresh(NONE);
    const others = come.filter(({ userId }) => userId !== me);
    if (others.length === 0) return;
    setFresh((already) => new Set([...already, ...others.map(({ id }) => id)]));
    const [first] = others;
    announce(
      others.length === 1 && first
        ? t("arrived.one", { name: first.user.name })
        : t("arrived.many", { n: others.length }),
    );
  }, [comments, me, t]);
  return fresh;
}

/** How many are shown at once, and how many come with each idle moment. */
const FIRST = 40;
const MORE = 80;

/** How many of `total` are rendered: a few at once, the rest bit by bit, so that a long ticket is there as soon as a short one. */
export function useChunks(total: number): number {
  const [count, setCount] = useState(Math.min(total, FIRST));
  const shown = Math.min(count, total);
  useEffect(() => {
    if (count >= total) return undefined;
    // What arrives later, one by one, is shown at once.
    if (count >= total - 2) {
      setCount(total);
      return undefined;
    }
    const idle = requestIdleCallback(() => setCount((before) => before + MORE), { timeout: 200 });
    return () => cancelIdleCallback(idle);
  }, [count, total]);
  return shown;
}

/** Keeps an element where it is on the screen, while somebody types in it and what stands above grows. */
export function useStill(element: () => HTMLElement | null, cause: unknown): void {
  const top = useRef<number | null>(null);
  useLayoutEffect(() => {
    const box = element();
    if (!box) return;
    const before = top.current;
    const now = box.getBoundingClientRect().top;
    const isUsed = box.contains(document.activeElement);
    if (before !== null && isUsed && now !== before && before < window.innerHeight) {
      window.scrollBy({ top: now - before, behavior: "instant" });
    }
    // oxlint-disable-next-line react/exhaustive-deps -- what may move it
  }, [cause]);
  useEffect(() => {
    const note = () => {
      // To ask where something is costs a layout: only where the answer is needed.
      const box = element();
      const isUsed = box?.contains(document.activeElement) ?? false;
      top.current = box && isUsed ? box.getBoundingClientRect().top : null;
    };
    note();
    window.addEventListener("scroll", note, { passive: true });
    window.addEventListener("resize", note);
    window.addEventListener("focusin", note);
    return () => {
      window.removeEventListener("focusin", note);
      window.removeEventListener("scroll", note);
      window.removeEventListener("resize", note);
    };
  });
}
