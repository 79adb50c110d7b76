import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { type Ref, useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { agentsQuery } from "@/api/queries";
import type { Me } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { LISTS, useTally } from "@/live/watches";
import { CATEGORIES, PRIORITIES, STATUSES } from "@/ui/badge";
import { cx } from "@/ui/classes";
import { SelectField } from "@/ui/field";
import { ACTIVE, EVERYTHING, searchOf, type Sort, SORTS, type View } from "./view";

/** How long somebody must stop typing before it is searched, in milliseconds. */
const TYPED_MS = 200;
const SEVERAL = "several";

interface FiltersProps {
  view: View;
  isAgent: boolean;
  me: Me;
  search: Ref<HTMLInputElement>;
  /** `isTyping`: no entry of the history for each letter. */
  change: (view: View, isTyping?: boolean) => void;
  /** From the search down to the list. */
  leaveSearch: () => void;
}

/** Which tickets are shown. */
export function Filters({ view, isAgent, me, search, change, leaveSearch }: FiltersProps) {
  const t = useText("tickets");
  const common = useText("common");
  const one = (values: readonly string[]) => (values.length > 1 ? SEVERAL : (values[0] ?? ""));
  const isActive = view.status.join() === ACTIVE.join();
  const several = (value: string) => (value === SEVERAL ? [[SEVERAL, t("several")] as const] : []);
  const status = isActive ? "ACTIVE" : one(view.status);
  return (
    <div role="search" aria-label={t("filters")} className="flex flex-wrap items-end gap-2">
      <SearchField view={view} change={change} search={search} leave={leaveSearch} />
      <Select
        label={common("field.status")}
        value={status}
        options={[
          ["", t("anyStatus")],
          ["ACTIVE", t("active")],
          ...STATUSES.map((value) => [value, common(`status.${value}`)] as const),
          ...several(status),
        ]}
        choose={(value) => change({ ...view, status: value === "ACTIVE" ? ACTIVE : value ? [value] : [] })}
      />
      <Select
        label={common("field.priority")}
        value={one(view.priority)}
        options={[
          ["", t("anyPriority")],
          ...PRIORITIES.map((value) => [value, common(`priority.${value}`)] as const),
          ...several(one(view.priority)),
        ]}
        choose={(value) => change({ ...view, priority: value ? [value] : [] })}
      />
      <Select
        label={common("field.category")}
        value={one(view.category)}
        options={[
          ["", t("anyCategory")],
          ...CATEGORIES.map((value) => [value, common(`category.${value}`)] as const),
          ...several(one(view.category)),
        ]}
        choose={(value) => change({ ...view, category: value ? [value] : [] })}
      />
      {isAgent && <Assignment view={view} me={me} change={change} />}
      <Select
        label={t("sort")}
        value={view.sort}
        options={SORTS.map((value) => [value, t(`sort.${value}`)] as const)}
        choose={(value) => change({ ...view, sort: value as Sort })}
      />
    </div>
  );
}

function Select({
  label,
  value,
  options,
  choose,
}: {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  choose: (value: string) => void;
}) {
  return (
    <div className="min-w-0 flex-1 basis-32 sm:max-w-52">
      <SelectField
        label={label}
        isLabelHidden
        value={value}
        options={options}
        onChange={(event) => choose(event.target.value === SEVERAL ? value : event.target.value)}
      />
    </div>
  );
}

function Assignment({ view, me, change }: Pick<FiltersProps, "view" | "me" | "change">) {
  const t = useText("tickets");
  const { data: agents } = useQuery(agentsQuery);
  const others = (agents ?? []).filter(({ id }) => id !== me.id);
  const value = view.assignee === me.id ? "me" : view.assignee;
  return (
    <Select
      label={t("assignment")}
      value={value}
      options={[
        ["", t("anybody")],
        ["me", t("me")],
        ["none", t("nobody")],
        ...others.map(({ id, name }) => [id, name] as const),
      ]}
      choose={(assignee) => change({ ...view, assignee })}
    />
  );
}

function SearchField({
  view,
  change,
  search,
  leave,
}: Pick<FiltersProps, "view" | "change" | "search"> & { leave: () => void }) {
  const t = useText("tickets");
  const [typed, setTyped] = useState(view.q);
  const said = useRef(view.q);
  const latest = useRef(() => {});
  useEffect(() => {
    latest.current = () => {
      if (typed === said.current) return;
      said.current = typed;
      change({ ...view, q: typed }, true);
    };
  });
  useEffect(() => {
    const timer = setTimeout(() => latest.current(), TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => {
    // Back, or a link to another view; what is being typed is not touched.
    if (view.q === said.current) return;
    said.current = view.q;
    setTyped(view.q);
  }, [view.q]);
  return (
    <div className="relative min-w-0 basis-full md:flex-[2] md:basis-56">
      <Search aria-hidden size={16} className="text-muted pointer-events-none absolute start-2.5 top-2.5" />
      <input
        ref={search}
        id="list-search"
        type="search"
        value={typed}
        maxLength={200}
        aria-label={t("searchLabel")}
        aria-keyshortcuts="/"
        placeholder={t("searchLabel")}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === "ArrowDown") {
            event.preventDefault();
            latest.current();
            leave();
          }
        }}
        className="control ps-8"
      />
    </div>
  );
}

const UNASSIGNED: View = { ...EVERYTHING, assignee: "none", status: ACTIVE };
const MINE: View = { ...EVERYTHING, assignee: "me", status: ACTIVE };
const CRITICAL: View = { ...EVERYTHING, priority: ["CRITICAL"], status: ACTIVE };
const WAITING: View = { ...EVERYTHING, status: ["WAITING"] };

const CRITICAL_FILTERS = { priority: ["CRITICAL"], status: [...ACTIVE] };

/** The views that agents come back to, with how many tickets each has. */
export function Views({ view, base }: { view: View; base: string }) {
  const t = useText("tickets");
  const format = useFormats();
  const all = useTally(LISTS.all.list, LISTS.all.filters)?.counts;
  const unassigned = useTally(LISTS.unassigned.list, LISTS.unassigned.filters)?.counts;
  const mine = useTally(LISTS.mine.list, LISTS.mine.filters)?.counts;
  const critical = useTally("critical", CRITICAL_FILTERS)?.counts;
  const active = mine && ACTIVE.reduce((sum, status) => sum + (mine.byStatus[status] ?? 0), 0);
  const views = [
    ["all", EVERYTHING, all?.total],
    ["unassigned", UNASSIGNED, unassigned?.total],
    ["mine", MINE, active],
    ["critical", CRITICAL, critical?.total],
    ["waiting", WAITING, all && (all.byStatus["WAITING"] ?? 0)],
  ] as const;
  const present = searchOf({ ...view, sort: "newest" });
  return (
    <nav aria-label={t("views")} className="-mb-1 overflow-x-auto">
      <ul className="flex gap-1 pb-1">
        {views.map(([name, one, count]) => {
          const isCurrent = searchOf(one) === present;
          return (
            <li key={name}>
              <Link
                href={base + searchOf({ ...one, sort: view.sort })}
                aria-current={isCurrent ? "page" : undefined}
                className={cx(
                  "flex min-h-9 items-center gap-1.5 rounded-lg px-3 font-medium whitespace-nowrap",
                  isCurrent ? "bg-selected text-ink" : "text-muted hover:bg-hover hover:text-ink",
                )}
              >
                {t(`view.${name}`)}
                {count !== undefined && count !== null && (
                  <span className="tabular text-xs">{format.number(count)}</span>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
