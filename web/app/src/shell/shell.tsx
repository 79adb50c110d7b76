import { Menu, Repeat } from "lucide-react";
import { type ReactNode, Suspense, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { useText } from "@/i18n/text";
import { isAgent, homeOf, useSession } from "@/session/session";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { AccountMenu } from "./account-menu";
import { ConnectionBanner } from "./connection";
import { Footer } from "./footer";
import { HeaderTools } from "./header-tools";
import { Logo } from "./logo";
import { isAdminPath, isCurrent, navOf } from "./nav";
import { preload } from "./routes";

/** What stands around every page: the way to the others, who is signed in, and how the connection is. */
export function Shell({ children }: { children: ReactNode }) {
  const t = useText("shell");
  const { me } = useSession();
  const [path] = useLocation();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#contents"
        className="sr-only focus:not-sr-only focus:fixed focus:start-3 focus:top-3 focus:z-50 focus:rounded-lg focus:bg-accent focus:px-4 focus:py-2 focus:text-on-accent"
      >
        {t("skip")}
      </a>
      <header className="sticky top-0 z-30 border-b border-line bg-surface">
        <div className="mx-auto flex min-h-14 max-w-7xl flex-wrap items-center gap-x-4 gap-y-1 px-4 sm:px-6">
          <Link href={me ? homeOf(me) : "/"} className="flex items-center gap-2 font-semibold">
            <Logo />
            <span>Informejo</span>
          </Link>
          {me && (
            <>
              <Button
                look="quiet"
                icon={Menu}
                aria-expanded={isOpen}
                aria-controls="main-navigation"
                onClick={() => setOpen(!isOpen)}
                className="md:hidden"
              >
                {t("menu")}
              </Button>
              <nav
                id="main-navigation"
                aria-label={t("navigation")}
                className={cx(
                  "order-last w-full pb-2 md:order-none md:block md:w-auto md:pb-0",
                  isOpen ? "block" : "hidden",
                )}
              >
                <ul className="flex flex-col gap-1 md:flex-row">
                  {navOf(me.role, path).map(({ href, name, icon: Icon }) => (
                    <li key={href}>
                      <Link
                        href={href}
                        aria-current={isCurrent(href, path) ? "page" : undefined}
                        onPointerEnter={() => preload(href)}
                        onFocus={() => preload(href)}
                        className={cx(
                          "flex min-h-9 items-center gap-2 rounded-lg px-3 font-medium",
                          isCurrent(href, path)
                            ? "bg-selected text-ink"
                            : "text-muted hover:bg-hover hover:text-ink",
                        )}
                      >
                        <Icon aria-hidden size={16} />
                        {t(name)}
                      </Link>
                    </li>
                  ))}
                  {isAgent(me) && (
                    <li>
                      <Link
                        href={isAdminPath(path) ? "/dashboard" : "/admin/dashboard"}
                        className="flex min-h-9 items-center gap-2 rounded-lg px-3 font-medium text-muted hover:bg-hover hover:text-ink"
                      >
                        <Repeat aria-hidden size={16} />
                        {t(isAdminPath(path) ? "userView" : "adminView")}
                      </Link>
                    </li>
                  )}
                </ul>
              </nav>
            </>
          )}
          <div className="ms-auto flex items-center gap-1">
            <HeaderTools />
            <AccountMenu />
          </div>
        </div>
        {me && (
          <Suspense fallback={null}>
            <ConnectionBanner />
          </Suspense>
        )}
      </header>
      <main id="contents" tabIndex={-1} className="flex-1 outline-none">
        {children}
      </main>
      <Footer />
    </div>
  );
}
