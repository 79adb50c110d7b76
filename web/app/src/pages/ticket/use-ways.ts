import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useLocation, useSearch } from "wouter";
import { KEYS } from "@/api/queries";
import { useText } from "@/i18n/text";
import { useShortcuts } from "@/lib/shortcuts";
import { goBackToList, lastList, replacing } from "@/shell/trail";
import { idsOf, type Neighbours, neighboursOf } from "./logic/neighbours";
import { listPath, useShown } from "./view";

/** `?edit` in the address opens the form: lists lead there. */
export function useWishToEdit(open: (() => void) | null): void {
  const [path, go] = useLocation();
  const search = useSearch();
  const isWished = new URLSearchParams(search).has("edit");
  useEffect(() => {
    if (!isWished) return;
    replacing();
    go(path, { replace: true });
    open?.();
  }, [isWished, path, go, open]);
}

/** The ways to the list and to its other tickets, by keyboard. */
export function useWays(): void {
  const t = useText("ticket");
  const { ticket, view } = useShown();
  const [path, go] = useLocation();
  const queries = useQueryClient();
  const group = t("shortcuts");
  const to = (which: "previous" | "next") => {
    const id = neighboursIn(queries, ticket.id)[which];
    // In place of this one: Back leads to the list.
    if (id === null) return;
    replacing();
    go(path.replace(ticket.id, id), { replace: true });
  };
  const back = () => {
    if (!goBackToList(listPath(view))) go(lastList(listPath(view)));
  };
  useShortcuts([
    { keys: "j", label: t("key.next"), group, run: () => to("next") },
    { keys: "k", label: t("key.previous"), group, run: () => to("previous") },
    { keys: "g l", label: t("key.list"), group, run: back },
  ]);
}

/** The neighbours in the list that was looked at last, if the ticket is in it. */
function neighboursIn(queries: QueryClient, id: string): Neighbours {
  const lists = queries
    .getQueryCache()
    .findAll({ queryKey: [KEYS.tickets] })
    .map(({ state }) => ({ ids: idsOf(state.data), at: state.dataUpdatedAt }))
    .filter(({ ids }) => ids.includes(id))
    .toSorted((a, b) => b.at - a.at);
  return neighboursOf(lists[0]?.ids ?? [], id);
}
