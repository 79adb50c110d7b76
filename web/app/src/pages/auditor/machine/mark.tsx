import type { ReactNode } from "react";
import { cx } from "@/ui/classes";
import type { Kind } from "./film";

const COLOURS: Record<Kind, string> = {
  begin: "text-ink",
  status: "text-note",
  fields: "text-neutral",
  people: "text-info",
  text: "text-link",
  comment: "text-success",
  internal: "text-warning",
  file: "text-neutral",
  end: "text-danger",
};

// Each kind has a shape of its own, for whoever does not tell the colours apart.
const SHAPES: Record<Kind, ReactNode> = {
  begin: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="2.5" />,
  status: <path d="M6 .5 11.5 6 6 11.5.5 6Z" fill="currentColor" />,
  fields: <rect x="1.5" y="1.5" width="9" height="9" fill="currentColor" />,
  people: <path d="M6 1 11.5 11H.5Z" fill="currentColor" />,
  text: <path d="M1 3h10M1 6h10M1 9h6" stroke="currentColor" strokeWidth="2" fill="none" />,
  comment: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  internal: <path d="M6 .5 11 3.3v5.4L6 11.5 1 8.7V3.3Z" fill="currentColor" />,
  file: <path d="M6 11 .5 1h11Z" fill="currentColor" />,
  end: <path d="m2 2 8 8m0-8-8 8" stroke="currentColor" strokeWidth="2.5" fill="none" />,
};

/** The mark of a kind of event. What it means stands beside it. */
export function KindMark({ kind, className }: { kind: Kind; className?: string }) {
  return (
    <svg
      aria-hidden
      width="12"
      height="12"
      viewBox="0 0 12 12"
      className={cx("shrink-0", COLOURS[kind], className)}
    >
      {SHAPES[kind]}
    </svg>
  );
}
