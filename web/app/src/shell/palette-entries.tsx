import { ticketNumber } from "@/lib/number";
import {
  CircleUser,
  CornerDownRight,
  FileText,
  Keyboard,
  Languages,
  type LucideIcon,
  Palette as Brush,
  PlusCircle,
  Search,
  Ticket as TicketIcon,
} from "lucide-react";
import { type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import type { SearchResult, SearchResults } from "@/api/search";
import { useText } from "@/i18n/text";
import { LANGUAGES, type Language, prefer, THEMES } from "@/lib/preferences";
import { shortcuts } from "@/lib/shortcuts";
import { ticketPath, useSession } from "@/session/session";
import type { Status } from "@/ui/badge";
import { Snippet } from "@/ui/snippet";
import { navOf } from "./nav";
import { overlay } from "./overlays";

/** Something that the palette does. */
export interface Entry {
  key: string;
  group: string;
  icon: LucideIcon;
  name: ReactNode;
  below?: ReactNode;
  keys?: string;
  run: () => void;
}

interface Named extends Entry {
  name: string;
}

/** What can be chosen: what is named like what was typed, and the tickets that were found by it. */
export function useEntries(typed: string, found: SearchResults | undefined): readonly Entry[] {
  const t = useText("palette");
  const shell = useText("shell");
  const common = useText("common");
  const { me } = useSession();
  const [, go] = useLocation();
  const [offered] = useState(shortcuts.get);
  const role = me?.role ?? "";

  const toPage = (href: string, name: string, icon: LucideIcon): Named => ({
    key: href,
    group: t("goTo"),
    icon,
    name,
    run: () => go(href),
  });
  const nav = [...navOf(role, "/admin"), ...(role === "ADMIN" ? navOf(role, "/tickets") : [])];
  const hrefs = new Set<string>();
  const pages = nav
    .filter(({ href }) => !hrefs.has(href) && hrefs.add(href))
    .map(({ href, name, icon }) => {
      // An agent has two dashboards.
      const view =
        role === "ADMIN" && name === "dashboard"
          ? ` (${shell(href.startsWith("/admin") ? "adminView" : "userView")})`
          : "";
      return toPage(href, shell(name) + view, icon);
    });
  if (role === "ADMIN" && !hrefs.has("/tickets/new"))
    pages.push(toPage("/tickets/new", shell("newTicket"), PlusCircle));
  if (role !== "GUEST") pages.push(toPage("/account", shell("account"), CircleUser));

  const actions = offered
    .filter(({ keys }) => keys !== "mod+k")
    .map(({ keys, label, run }): Named => ({
      key: `key ${keys}`,
      group: t("onPage"),
      icon: keys === "?" ? Keyboard : CornerDownRight,
      name: label,
      keys,
      run: keys === "?" ? () => overlay.set("shortcuts") : run,
    }));
  const looks = [
    ...THEMES.map((theme): Named => ({
      key: `theme ${theme}`,
      group: t("look"),
      icon: Brush,
      name: `${shell("appearance")}: ${shell(`theme.${theme}`)}`,
      run: () => prefer({ theme }),
    })),
    ...Object.entries(LANGUAGES).map(([language, name]): Named => ({
      key: `language ${language}`,
      group: t("look"),
      icon: Languages,
      name: `${shell("language")}: ${name}`,
      run: () => prefer({ language: language as Language }),
    })),
  ];

  const named =
    typed === ""
      ? [...pages, ...actions]
      : [...pages, ...actions, ...looks].filter(({ name }) => fits(name, typed));
  const tickets = (found?.results ?? []).map((result): Entry => ({
    key: result.ticket.id,
    group: t("tickets"),
    icon: TicketIcon,
    name: <Title result={result} />,
    below: <Below result={result} status={common(`status.${result.ticket.status as Status}`)} />,
    run: () => go(ticketPath({ role }, result.ticket.id)),
  }));
  const everything: Entry[] =
    typed === "" || role === "OPERATOR"
      ? []
      : [
          {
            key: "search",
            group: t("tickets"),
            icon: Search,
            name: t("allResults", { q: typed }),
            run: () => go(`/search?q=${encodeURIComponent(typed)}`),
          },
        ];
  return [...named.slice(0, typed === "" ? named.length : 6), ...tickets, ...everything];
}

/** Whether every word that was typed begins one of the name's, or is in it. */
function fits(name: string, typed: string): boolean {
  const text = name.toLocaleLowerCase();
  return typed
    .toLocaleLowerCase()
    .split(/\s+/u)
    .every((word) => text.includes(word));
}

function Title({ result: { ticket, matches } }: { result: SearchResult }) {
  const inTitle = matches.find(({ where }) => where === "title");
  return inTitle ? <Snippet segments={inTitle.snippet} /> : <bdi>{ticket.title}</bdi>;
}

function Below({ result: { ticket, matches }, status }: { result: SearchResult; status: string }) {
  const other = matches.find(({ where }) => where !== "title");
  return (
    <>
      <span className="font-mono">#{ticketNumber(ticket.id)}</span> · {status}
      {other && (
        <>
          {" · "}
          {other.where === "file" && <FileText aria-hidden size={12} className="me-1 inline" />}
          <Snippet segments={other.snippet} />
        </>
      )}
    </>
  );
}
