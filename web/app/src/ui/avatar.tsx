import { cx } from "./classes";

/** Somebody's initials. The name stands beside it, so it says nothing to screen readers. */
export function Avatar({ name, className }: { name: string; className?: string }) {
  const words = name.trim().split(/\s+/u);
  const initials = [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("");
  return (
    <span
      aria-hidden
      // A picture, not a text: what is read as a text has to be in the name of the button that it stands in.
      data-initials={initials.toUpperCase() || "?"}
      className={cx(
        "inline-grid size-8 shrink-0 select-none place-items-center rounded-full bg-info-soft text-xs font-semibold text-info before:content-[attr(data-initials)]",
        className,
      )}
    />
  );
}
