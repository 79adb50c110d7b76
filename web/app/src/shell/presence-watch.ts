/** Who has touched nothing for so long is away, in milliseconds. */
export const AWAY_AFTER_MS = 5 * 60_000;

const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/** Says `online` and `away` whenever it changes, until what is given back is called. */
export function watchPresence(say: (state: "online" | "away") => void): () => void {
  let said: "online" | "away" | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let touchedAt = performance.now();
  const become = (state: "online" | "away") => {
    if (state === said) return;
    said = state;
    say(state);
  };
  const look = () => {
    clearTimeout(timer);
    const left = touchedAt + AWAY_AFTER_MS - performance.now();
    const isThere = document.visibilityState === "visible" && left > 0;
    become(isThere ? "online" : "away");
    if (isThere) timer = setTimeout(look, left);
  };
  const touched = () => {
    touchedAt = performance.now();
    // Every move of a pointer comes here: only what changes something is looked at.
    if (said === "away") look();
  };
  const shown = () => {
    if (document.visibilityState === "visible") touchedAt = performance.now();
    look();
  };
  look();
  for (const sign of SIGNS) window.addEventListener(sign, touched, { passive: true, capture: true });
  document.addEventListener("visibilitychange", shown);
  return () => {
    clearTimeout(timer);
    for (const sign of SIGNS) window.removeEventListener(sign, touched, { capture: true });
    document.removeEventListener("visibilitychange", shown);
  };
}
