import { Plus } from "lucide-react";
import {
  lazy,
  Suspense,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useLocation, useSearch } from "wouter";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { useUnsent } from "@/lib/outbox-context";
import { LISTS, useTally } from "@/live/watches";
import { useShortcuts } from "@/lib/shortcuts";
import { pendingChanges } from "@/lib/ticket-change";
import { isAgent, ticketPath, useMe } from "@/session/session";
import { ButtonLink } from "@/ui/button";
import { Card } from "@/ui/card";
import { Page } from "@/ui/page";
import { BulkBar } from "./bulk-bar";
import { Filters, Views } from "./filters";
import { Grid } from "./grid";
import { useListKeys } from "./keys";
import { ListHeader, ListFooter, NothingHere, Rows } from "./list-parts";
import { useNear } from "./near";
import { ORDERS } from "./order";
import { ROW_REM } from "./row";
import { type Choice, type TriageField, useChoices, useTriage } from "./triage";
import { useNews } from "./use-news";
import { useTicketList } from "./use-list";
import { useSelection } from "./use-selection";
import { useTarget } from "./use-target";
import { useViewers } from "./use-viewers";
import { remPixels, useIsWide } from "./use-window";
import { filtersOf, isFiltered, searchOf, type View, viewOf } from "./view";

const loadMenu = () => import("./triage-menu");
const loadConflict = () => import("./conflict-dialog");
const TriageMenu = lazy(loadMenu);
const ConflictDialog = lazy(loadConflict);

/** How long after the list the menus are loaded, in milliseconds: they are there when the network is not. */
const SPARE_MS = 1_500;

/** Everybody's tickets, for those who work on them. */
export default function AllTickets() {
  return <TicketList base="/admin/tickets" isAll />;
}

/** One's own tickets. */
export function MyTickets() {
  return <TicketList base="/tickets" isAll={false} />;
}

function TicketList({ base, isAll }: { base: string; isAll: boolean }) {
  const t = useText("tickets");
  const format = useFormats();
  const me = useMe();
  const [, go] = useLocation();
  const search = useSearch();
  const view = useMemo(() => viewOf(search), [search]);
  const filters = useMemo(() => filtersOf(view, isAll ? undefined : me.id), [view, isAll, me.id]);
  const listKey = JSON.stringify([filters, view.sort]);

  const news = useNews(listKey);
  const wanted = { filters, sort: view.sort, me: me.id };
  const list = useTicketList(wanted, isAll, news.told);
  const everything = isAll ? LISTS.all : LISTS.own(me.id);
  const all = useTally(everything.list, everything.filters)?.counts;
  const viewers = useViewers(isAll, me.id);
  const isWide = useIsWide();
  const card = isAll ? ROW_REM.agentCard : ROW_REM.requesterCard;
  const rowHeight = useMemo(() => remPixels(isWide ? ROW_REM.table : card), [isWide, card]);

  const body = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const target = useTarget(list.tickets, listKey, ORDERS[view.sort], body, rowHeight);
  const { shown } = target;
  const selection = useSelection(shown, listKey);
  const pending = useSyncExternalStore(pendingChanges.subscribe, pendingChanges.get);
  const unsent = useUnsent();

  // In the user's view, an agent looks at own tickets as everybody does.
  const role = isAll || me.role === "GUEST" ? me.role : "USER";
  const hrefOf = useCallback((ticket: string) => ticketPath({ role }, ticket), [role]);
  const near = useNear(hrefOf);

  const change = (next: View, isTyping = false) => go(base + searchOf(next), { replace: isTyping });

  const [menu, setMenu] = useState<{ field: TriageField; anchor: DOMRect } | null>(null);
  const choices = useChoices(menu?.field ?? null, me);
  const { apply, conflict } = useTriage();
  const concerned = useMemo(() => {
    if (selection.tickets.length > 0) return selection.tickets;
    return shown.filter(({ id }) => id === target.target);
  }, [selection.tickets, shown, target.target]);
  const openMenu = (name: TriageField, anchor: Element | null) => {
    if (concerned.length === 0 || !anchor) return;
    setMenu({ field: name, anchor: anchor.getBoundingClientRect() });
  };
  const closeMenu = () => {
    setMenu(null);
    target.restore();
  };
  const choose = (choice: Choice) => {
    if (menu) apply(menu.field, choice, concerned);
    closeMenu();
  };

  const keys = useListKeys({
    isAgent: isAll,
    target,
    selection,
    hrefOf,
    openMenu,
    focusSearch: () => field.current?.focus(),
  });
  useShortcuts(
    menu === null
      ? []
      : choices.slice(0, 9).map((choice, index) => ({
          keys: `${index + 1}`,
          label: choice.name,
          group: t("keys"),
          run: () => choose(choice),
        })),
  );

  useEffect(() => {
    if (!isAll) return undefined;
    const spare = setTimeout(() => {
      // Whoever needs them asks again, and sees why they are not there.
      Promise.all([loadMenu(), loadConflict()]).catch(() => {});
    }, SPARE_MS);
    return () => clearTimeout(spare);
  }, [isAll]);

  const { hasMore, more, looking } = list;
  const look = useCallback(
    (reach: number, ids: readonly string[]) => {
      looking(reach, ids);
      if (hasMore && reach > shown.length - 30) more();
    },
    [looking, hasMore, more, shown.length],
  );

  const x = list.counts?.total;
  const y = all?.total;
  const lead =
    x === undefined
      ? " "
      : isFiltered(view) && y !== undefined
        ? t("shown", { x: format.number(x), y: format.number(y) })
        : t("shownAll", { n: x });
  const name = t(isAll ? "all" : "mine");
  const [first] = concerned;
  const what =
    concerned.length === 1 && first ? `“${first.title}”` : t("manyTickets", { n: concerned.length });

  return (
    <Page
      title={name}
      lead={<span data-testid="count">{lead}</span>}
      actions={
        me.role !== "GUEST" && (
          <ButtonLink href="/tickets/new" look="primary" icon={Plus}>
            {t("newTicket")}
          </ButtonLink>
        )
      }
    >
      {isAll && <Views view={view} base={base} />}
      <Filters
        view={view}
        isAgent={isAll}
        me={me}
        search={field}
        change={change}
        leaveSearch={() => target.move(0)}
      />
      <Card className="relative overflow-clip">
        <Rows list={list} rowHeight={rowHeight}>
          {shown.length > 0 ? (
            <Grid
              body={body}
              name={name}
              tickets={shown}
              total={Math.max(x ?? 0, shown.length)}
              header={<ListHeader isAgent={isAll} isWide={isWide} selection={selection} />}
              rowHeight={rowHeight}
              isAgent={isAll}
              hrefOf={hrefOf}
              listKey={listKey}
              target={target.target}
              selected={selection.ids}
              fresh={news.fresh}
              gone={target.gone}
              viewers={viewers}
              pending={pending}
              unsent={unsent}
              onFocus={target.focused}
              onBlur={target.blurred}
              onToggle={selection.toggle}
              onKeyDown={keys}
              onNear={near}
              onLook={look}
            />
          ) : (
            <NothingHere view={view} isAll={isAll} isGuest={me.role === "GUEST"} base={base} />
          )}
        </Rows>
        <ListFooter list={list} />
      </Card>
      {isAll && isAgent(me) && <BulkBar selection={selection} openMenu={openMenu} />}
      <Suspense>
        {menu && (
          <TriageMenu
            name={t(`menu.${menu.field}`, { what })}
            choices={choices}
            tickets={concerned}
            anchor={menu.anchor}
            onChoose={choose}
            onClose={closeMenu}
          />
        )}
        {conflict && <ConflictDialog key={conflict.theirs.id} conflict={conflict} />}
      </Suspense>
    </Page>
  );
}
