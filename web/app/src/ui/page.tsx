import { type ReactNode, useEffect, useRef } from "react";
import { useTitle } from "@/lib/title";
import { cx } from "./classes";

const WIDTHS = { wide: "max-w-7xl", narrow: "max-w-2xl", slim: "max-w-md" };

/** A page: its title, what can be done, and its contents. The heading takes the focus, so that readers begin there. */
export function Page({
  title,
  lead,
  actions,
  width = "wide",
  children,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  width?: "wide" | "narrow" | "slim";
  children: ReactNode;
}) {
  useTitle(title);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // A field that has asked for the focus keeps it, and so does what Back restored.
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className={cx("mx-auto flex w-full flex-col gap-5 px-4 py-6 sm:px-6", WIDTHS[width])}>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1 ref={heading} tabIndex={-1} className="text-2xl font-semibold tracking-tight text-balance">
            {title}
          </h1>
          {lead && <p className="text-muted mt-1">{lead}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
