import { Link, useLocation } from "wouter";
import { useText } from "@/i18n/text";
import { cx } from "@/ui/classes";

/** The pages of operations. */
export function Tabs() {
  const t = useText("operator");
  const [path] = useLocation();
  const tabs = [
    ["/ops", t("tab.models")],
    ["/ops/log", t("tab.log")],
  ] as const;
  return (
    <nav aria-label={t("title")} className="border-b border-line">
      <ul className="flex gap-1">
        {tabs.map(([href, name]) => (
          <li key={href}>
            <Link
              href={href}
              aria-current={path === href ? "page" : undefined}
              className={cx(
                "-mb-px inline-flex min-h-10 items-center border-b-2 px-3 font-medium",
                path === href
                  ? "border-accent text-ink"
                  : "border-transparent text-muted hover:border-line-strong hover:text-ink",
              )}
            >
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
