import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import { Link } from "wouter";
import { cx } from "./classes";

type Look = "primary" | "secondary" | "quiet" | "danger";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover border border-transparent",
  secondary: "bg-surface text-ink border border-line-strong hover:bg-hover",
  quiet: "bg-transparent text-ink border border-transparent hover:bg-hover",
  danger: "bg-danger text-on-danger border border-transparent hover:opacity-90",
};

const SHAPE =
  "inline-flex items-center justify-center gap-2 min-h-9 px-3.5 rounded-lg font-medium whitespace-nowrap transition-colors disabled:opacity-60 disabled:cursor-not-allowed";

interface Own {
  look?: Look;
  icon?: LucideIcon;
}

export function Button({
  look = "secondary",
  icon: Icon,
  className,
  children,
  ...rest
}: ComponentProps<"button"> & Own) {
  return (
    <button type="button" {...rest} className={cx(SHAPE, LOOKS[look], className)}>
      {Icon && <Icon aria-hidden size={16} />}
      {children}
    </button>
  );
}

/** A button with an icon only; `label` is what it is called. */
export function IconButton({
  label,
  icon: Icon,
  className,
  ...rest
}: Omit<ComponentProps<"button">, "children"> & { label: string; icon: LucideIcon }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={cx(
        "inline-grid size-9 place-items-center rounded-lg text-muted hover:bg-hover hover:text-ink",
        className,
      )}
    >
      <Icon aria-hidden size={18} />
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({
  look = "secondary",
  icon: Icon,
  href,
  className,
  children,
}: Own & { href: string; className?: string; children: React.ReactNode }) {
  return (
    <Link href={href} className={cx(SHAPE, LOOKS[look], className)}>
      {Icon && <Icon aria-hidden size={16} />}
      {children}
    </Link>
  );
}
