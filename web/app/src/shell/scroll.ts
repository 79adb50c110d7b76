import { useEffect } from "react";
import { useLocation } from "wouter";

/** Where somebody was on a page of the history: how far down, and on what. */
interface Place {
  top: number;
  focus: string | null;
}

/** How long a page may take to be as long as it was, in milliseconds. */
const RESTORE_MS = 2_000;

const places = new Map<string, Place>();

/** The name of the present entry of the history, made if it has none. */
function entry(): string {
  const state = window.history.state as { entry?: string } | null;
  if (state?.entry) return state.entry;
  const name = `${performance.now()}`;
  window.history.replaceState({ ...state, entry: name }, "");
  return name;
}

/** Back and forward lead to where one was: scrolled as before, with the focus where it was. Other ways lead to the top. */
export function useScrollMemory(): void {
  const [path] = useLocation();

  useEffect(() => {
    window.history.scrollRestoration = "manual";
    let present = entry();
    let stop = () => {};
    const note = () => {
      const { activeElement } = document;
      places.set(present, { top: window.scrollY, focus: activeElement?.id || null });
    };
    const back = () => {
      stop();
      present = entry();
      stop = restore(places.get(present));
    };
    // wouter tells of what it pushes after it has happened: the place is noted whenever it may have changed.
    const pushed = () => {
      stop();
      present = entry();
    };
    window.addEventListener("scroll", note, { passive: true });
    window.addEventListener("focusin", note);
    window.addEventListener("popstate", back);
    window.addEventListener("pushState", pushed);
    return () => {
      stop();
      window.removeEventListener("scroll", note);
      window.removeEventListener("focusin", note);
      window.removeEventListener("popstate", back);
      window.removeEventListener("pushState", pushed);
    };
  }, []);

  useEffect(() => {
    if (!places.has(entry())) window.scrollTo(0, 0);
  }, [path]);
}

/** Tries until the page is long enough and the element is there. Gives back what ends that. */
function restore(place: Place | undefined): () => void {
  if (!place) return () => {};
  const { top, focus } = place;
  const until = performance.now() + RESTORE_MS;
  let frame = 0;
  const attempt = () => {
    window.scrollTo(0, top);
    const target = focus === null ? null : document.getElementById(focus);
    target?.focus({ preventScroll: true });
    const isDone = Math.abs(window.scrollY - top) < 2 && (focus === null || target !== null);
    if (!isDone && performance.now() < until) frame = requestAnimationFrame(attempt);
  };
  frame = requestAnimationFrame(attempt);
  // Whoever scrolls meanwhile knows better.
  const end = () => cancelAnimationFrame(frame);
  window.addEventListener("wheel", end, { once: true, passive: true });
  window.addEventListener("keydown", end, { once: true });
  return end;
}
