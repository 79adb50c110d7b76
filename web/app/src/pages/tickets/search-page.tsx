import { ticketNumber } from "@/lib/number";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { type SearchMatch, type SearchResult, SEARCH_MIN, searchQuery } from "@/api/search";
import { useText } from "@/i18n/text";
import { useShortcuts } from "@/lib/shortcuts";
import { ticketPath, useMe } from "@/session/session";
import { Badge, PriorityBadge, StatusBadge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Page } from "@/ui/page";
import { Snippet } from "@/ui/snippet";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { Moment } from "@/ui/time";
import { useNear } from "./near";

const TYPED_MS = 200;
const PAGE = 20;

/** Everything that somebody may read, by its words. */
export default function SearchPage() {
  const t = useText("palette");
  const common = useText("common");
  const me = useMe();
  const asked = new URLSearchParams(useSearch()).get("q") ?? "";
  const found = useInfiniteQuery(searchQuery(asked.trim(), PAGE));
  const isAsking = [...asked.trim()].length >= SEARCH_MIN;
  const near = useNear((ticket) => ticketPath(me, ticket));
  const results = found.data?.pages.flatMap((page) => page.results) ?? [];
  const [first] = found.data?.pages ?? [];

  return (
    <Page title={t("search")}>
      <SearchField asked={asked} />
      <div role="status" className="text-muted">
        {isAsking && first && (
          <>
            {first.corrected && (
              <p className="text-ink">{t("corrected", { q: asked, corrected: first.corrected })}</p>
            )}
            {results.length > 0 &&
              t(first.totalIsExact === false ? "foundMore" : "found", { n: first.total })}
          </>
        )}
      </div>
      {!isAsking && (
        <EmptyState icon={Search} title={t("begin")}>
          <p>{t("beginHelp")}</p>
        </EmptyState>
      )}
      {isAsking && found.isPending && <Skeleton lines={8} />}
      {isAsking && found.error && <ErrorState error={found.error} onRetry={() => void found.refetch()} />}
      {isAsking && first && results.length === 0 && (
        <EmptyState title={t("nothing")}>
          <p>{t("nothingHelp")}</p>
        </EmptyState>
      )}
      {isAsking && results.length > 0 && (
        <ol className="flex flex-col gap-3">
          {results.map((result) => (
            <li key={result.ticket.id}>
              <Result result={result} href={ticketPath(me, result.ticket.id)} near={near} />
            </li>
          ))}
        </ol>
      )}
      {isAsking && found.hasNextPage && (
        <Button
          className="self-center"
          disabled={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {common(found.isFetchingNextPage ? "loading" : "more")}
        </Button>
      )}
    </Page>
  );
}

function SearchField({ asked }: { asked: string }) {
  const t = useText("palette");
  const common = useText("common");
  const [, go] = useLocation();
  const [typed, setTyped] = useState(asked);
  const said = useRef(asked);
  const field = useRef<HTMLInputElement>(null);
  useShortcuts([
    { keys: "/", label: common("search"), group: t("search"), run: () => field.current?.focus() },
  ]);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (typed === said.current) return;
      said.current = typed;
      go(typed ? `/search?q=${encodeURIComponent(typed)}` : "/search", { replace: true });
    }, TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed, go]);
  useEffect(() => {
    if (asked === said.current) return;
    said.current = asked;
    setTyped(asked);
  }, [asked]);
  useEffect(() => {
    // Who comes without words wants to type some.
    if (said.current === "") field.current?.focus();
  }, []);
  return (
    <div role="search" className="relative">
      <Search aria-hidden size={18} className="text-muted pointer-events-none absolute start-3 top-3" />
      <input
        ref={field}
        id="search-field"
        type="search"
        dir="auto"
        maxLength={200}
        value={typed}
        aria-label={t("searchField")}
        placeholder={t("searchField")}
        onChange={({ target }) => setTyped(target.value)}
        className="control min-h-11 ps-10 text-base"
      />
    </div>
  );
}

function Result({
  result: { ticket, matches },
  href,
  near,
}: {
  result: SearchResult;
  href: string;
  near: (ticket: string) => void;
}) {
  const inTitle = matches.find(({ where }) => where === "title");
  const others = matches.filter(({ where }) => where !== "title");
  return (
    <Card className="relative p-4 hover:bg-hover">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 className="min-w-0 text-base font-semibold">
          <Link
            id={`found-${ticket.id}`}
            href={href}
            onPointerEnter={() => near(ticket.id)}
            onFocus={() => near(ticket.id)}
            className="after:absolute after:inset-0 hover:underline"
          >
            {inTitle ? <Snippet segments={inTitle.snippet} /> : <bdi>{ticket.title}</bdi>}
          </Link>
        </h2>
        <div className="flex items-center gap-2">
          <StatusBadge status={ticket.status} />
          <PriorityBadge priority={ticket.priority} />
        </div>
      </div>
      <p className="text-muted mt-0.5 flex flex-wrap gap-x-2 text-xs">
        <span className="font-mono">#{ticketNumber(ticket.id)}</span>
        <span>{ticket.createdBy.name}</span>
        <Moment at={ticket.createdAt} isRelative />
      </p>
      {others.length > 0 && (
        <ul className="mt-2 flex flex-col gap-1">
          {others.map((match) => (
            <Match key={`${match.where} ${match.id ?? ""}`} match={match} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Match({ match: { where, snippet, by, isInternal } }: { match: SearchMatch }) {
  const t = useText("palette");
  return (
    <li className="flex flex-wrap items-baseline gap-x-2">
      <span className="text-muted text-xs">
        {t(`where.${where}`)}
        {by && ` ${t("by", { name: by })}`}
      </span>
      {isInternal && <Badge tone="note">{t("internal")}</Badge>}
      <span className="min-w-0">
        <Snippet segments={snippet} />
      </span>
    </li>
  );
}
