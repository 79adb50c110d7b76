import type { KeyboardEvent } from "react";
import { useLocation } from "wouter";
import { useText } from "@/i18n/text";
import { type Shortcut, useShortcuts } from "@/lib/shortcuts";
import { rowId } from "./row";
import type { TriageField } from "./triage";
import type { Selection } from "./use-selection";
import type { Target } from "./use-target";

const PAGE_ROWS = 10;

/** The keys of a list. Gives what handles those that only a row has. */
export function useListKeys({
  isAgent,
  target,
  selection,
  hrefOf,
  openMenu,
  focusSearch,
}: {
  isAgent: boolean;
  target: Target;
  selection: Selection;
  hrefOf: (ticket: string) => string;
  openMenu: (field: TriageField, anchor: Element | null) => void;
  focusSearch: () => void;
}): (event: KeyboardEvent, ticket: string) => void {
  const t = useText("tickets");
  const [, go] = useLocation();
  const on = (then: (ticket: string) => void) => () => {
    if (target.target !== null && target.shown.some(({ id }) => id === target.target)) then(target.target);
  };
  const triage = (field: TriageField) => () => {
    const row = target.target === null ? null : document.getElementById(rowId(target.target));
    openMenu(field, row ?? document.querySelector("[role=toolbar]"));
  };
  const group = t("keys");
  const offer = (keys: string, label: string, run: () => void): Shortcut => ({ keys, label, group, run });
  useShortcuts([
    offer("j", t("key.next"), () => target.move(1)),
    offer("k", t("key.previous"), () => target.move(-1)),
    offer(
      "o",
      t("key.open"),
      on((ticket) => go(hrefOf(ticket))),
    ),
    offer("/", t("key.search"), focusSearch),
    ...(isAgent
      ? [
          offer(
            "x",
            t("key.select"),
            on((ticket) => selection.toggle(ticket, false)),
          ),
          offer("s", t("key.status"), triage("status")),
          offer("p", t("key.priority"), triage("priority")),
          offer("a", t("key.assign"), triage("assignee")),
          offer(
            "e",
            t("key.edit"),
            on((ticket) => go(`${hrefOf(ticket)}?edit`)),
          ),
        ]
      : []),
  ]);

  return (event, ticket) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: PAGE_ROWS,
      PageUp: -PAGE_ROWS,
      Home: -target.shown.length,
      End: target.shown.length,
    };
    const by = moves[event.key];
    if (by !== undefined) target.move(by);
    else if (event.key === "Enter") go(hrefOf(ticket));
    else if (event.key === " " && isAgent) selection.toggle(ticket, event.shiftKey);
    else if (event.key === "Escape" && selection.ids.size > 0) selection.clear();
    else return;
    event.preventDefault();
  };
}
