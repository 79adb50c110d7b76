import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { UserX } from "lucide-react";
import { useEffect, useState } from "react";
import { useLocation, useSearch } from "wouter";
import { KEYS } from "@/api/queries";
import type { UserRow } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { SelectField, TextField } from "@/ui/field";
import { Page } from "@/ui/page";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { Manage } from "./manage";
import { countsQuery, type UserFilters, usersQuery, useFreshUsers } from "./queries";
import { ROLES } from "./roles";
import { UserTable } from "./user-table";

/** How long nobody types before it is searched for, in milliseconds. */
const TYPING_MS = 200;

/** Everybody who has an account, and what can be done about it. */
export default function Users() {
  const t = useText("users");
  const common = useText("common");
  const [filters, filter] = useFilters();
  const queries = useQueryClient();
  const query = useInfiniteQuery({ ...usersQuery(filters), placeholderData: (before) => before });
  useFreshUsers();
  const [managed, manage] = useState<UserRow | null>(null);
  const users = query.data?.pages.flatMap((page) => page.users);
  return (
    <Page title={t("title")}>
      <Counts />
      <Card>
        <search className="grid gap-3 border-b border-line p-4 sm:grid-cols-[1fr_12rem_12rem]">
          <Search value={filters.search} onChange={(search) => filter({ search })} />
          <SelectField
            label={t("role")}
            value={filters.role}
            onChange={(event) => filter({ role: event.target.value })}
            options={[["", t("allRoles")], ...ROLES.map((role) => [role, common(`role.${role}`)] as const)]}
          />
          <SelectField
            label={t("status")}
            value={filters.active}
            onChange={(event) => filter({ active: event.target.value })}
            options={[
              ["", t("allStatuses")],
              ["true", t("active")],
              ["false", t("inactive")],
            ]}
          />
        </search>
        {!users && query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : !users ? (
          <div className="p-4">
            <Skeleton lines={8} />
          </div>
        ) : users.length === 0 ? (
          <EmptyState icon={UserX} title={t("nobody")}>
            <p>{t("nobodyHelp")}</p>
            <Button onClick={() => filter({ search: "", role: "", active: "" })}>{t("clearFilters")}</Button>
          </EmptyState>
        ) : (
          <UserTable users={users} manage={manage} />
        )}
        {query.hasNextPage && (
          <div className="flex justify-center border-t border-line p-3">
            <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {query.isFetchingNextPage ? common("loading") : common("more")}
            </Button>
          </div>
        )}
      </Card>
      {managed && (
        <Manage
          key={managed.id}
          user={users?.find(({ id }) => id === managed.id) ?? managed}
          onClose={() => manage(null)}
          onDone={() => void queries.invalidateQueries({ queryKey: [KEYS.users] })}
        />
      )}
    </Page>
  );
}

function Counts() {
  const t = useText("users");
  const format = useFormats();
  const { data } = useQuery(countsQuery);
  const names = ["total", "admins", "users", "guests", "auditors", "operators", "inactive"] as const;
  return (
    <Card className="p-4">
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4 lg:grid-cols-7" aria-label={t("counts")}>
        {names.map((name) => (
          <div key={name} className="flex flex-col-reverse" data-count={name}>
            <dt className="text-xs text-muted">{t(`count.${name}`)}</dt>
            <dd className="tabular text-xl font-semibold">{data ? format.number(data[name]) : "–"}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

/** Searches a moment after the last key. */
function Search({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useText("users");
  const [typed, type] = useState(value);
  const [known, know] = useState(value);
  // Somebody went back, or removed the filters.
  if (known !== value) {
    know(value);
    if (typed.trim() !== value) type(value);
  }
  useEffect(() => {
    if (typed.trim() === value) return undefined;
    const timer = setTimeout(() => onChange(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
    // eslint-disable-next-line react/exhaustive-deps -- only typing searches
  }, [typed]);
  return (
    <TextField
      id="user-search"
      type="search"
      label={t("search")}
      placeholder={t("searchHint")}
      maxLength={254}
      value={typed}
      onChange={(event) => type(event.target.value)}
    />
  );
}

/** The filters of the URL, and what changes them there. */
function useFilters(): [UserFilters, (change: Partial<UserFilters>) => void] {
  const [path, go] = useLocation();
  const search = new URLSearchParams(useSearch());
  const filters = {
    search: search.get("search") ?? "",
    role: search.get("role") ?? "",
    active: search.get("active") ?? "",
  };
  const change = (next: Partial<UserFilters>) => {
    const given = Object.entries({ ...filters, ...next }).filter(([, value]) => value !== "");
    const query = new URLSearchParams(given).toString();
    go(query ? `${path}?${query}` : path, { replace: true });
  };
  return [filters, change];
}
