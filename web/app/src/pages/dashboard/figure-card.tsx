import type { ListFilters } from "informejo-realtime";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useTally } from "@/live/watches";
import { Donut } from "@/ui/donut";
import { type Figure, ofList } from "./figures";

/** A figure by priority, drawn or as a table; the title leads to the tickets that it counts. */
function FigureCard({
  id,
  title,
  href,
  figure,
  asTable,
}: {
  id: string;
  title: string;
  href: string;
  figure: Figure | null;
  asTable: boolean;
}) {
  return (
    <section
      aria-labelledby={`figure-${id}`}
      data-figure={id}
      className="flex flex-col gap-3 rounded-xl border border-line bg-surface p-4 shadow-card"
    >
      <h2 className="font-semibold" id={`figure-${id}`}>
        <Link href={href} id={`link-${id}`} className="hover:underline">
          {title}
        </Link>
      </h2>
      {figure ? (
        <Donut title={title} total={figure.total} counts={figure.byPriority} asTable={asTable} />
      ) : (
        <div className="skeleton h-24" />
      )}
    </section>
  );
}

/** A figure that follows its list; until that is known, what was fetched. */
export function Live({
  watch,
  before,
  ...rest
}: {
  id: string;
  title: string;
  href: string;
  watch: { list: string; filters: ListFilters };
  before: Figure | undefined;
  asTable: boolean;
}) {
  const tally = useTally(watch.list, watch.filters);
  return <FigureCard {...rest} figure={tally ? ofList(tally.counts) : (before ?? null)} />;
}

/** One number under its name. */
export function Counter({ name, value }: { name: ReactNode; value: string | null }) {
  return (
    <div className="flex flex-col-reverse gap-0.5">
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="tabular text-xl font-semibold">{value ?? "–"}</dd>
    </div>
  );
}
