const isApple = /mac|iphone|ipad/iu.test(navigator.userAgent);

const NAMES: Record<string, string> = {
  mod: isApple ? "⌘" : "Ctrl",
  shift: "⇧",
  Enter: "↵",
  Escape: "Esc",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
};

/** Keys as they are written on them: `mod+k`, or one after the other, `g d`. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span dir="ltr" className="inline-flex items-center gap-1">
      {keys
        .split(" ")
        .flatMap((chord) => chord.split("+"))
        .map((key, place) => (
          <kbd
            // The same key may come twice.
            key={`${key} ${place}`}
            className="min-w-6 rounded border border-line bg-sunken px-1.5 text-center font-mono text-xs"
          >
            {NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)}
          </kbd>
        ))}
    </span>
  );
}
