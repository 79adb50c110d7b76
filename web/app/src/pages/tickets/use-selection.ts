import { useCallback, useMemo, useRef, useState } from "react";
import type { Ticket } from "@/api/schema";

export interface Selection {
  ids: ReadonlySet<string>;
  /** Those of them that are shown. */
  tickets: readonly Ticket[];
  /** Takes one in or out; with `isRange`, all from the last one to it. */
  toggle: (ticket: string, isRange: boolean) => void;
  toggleAll: () => void;
  isAll: boolean;
  clear: () => void;
}

const NOTHING: ReadonlySet<string> = new Set();

/** Which tickets of a list are selected, by their ids: whatever happens to the list, the same ones stay selected. */
export function useSelection(shown: readonly Ticket[], listKey: string): Selection {
  const [selected, setSelected] = useState({ listKey, ids: NOTHING });
  const ids = selected.listKey === listKey ? selected.ids : NOTHING;
  const last = useRef<string | null>(null);

  const toggle = useCallback(
    (ticket: string, isRange: boolean) => {
      const next = new Set(ids);
      const to = shown.findIndex(({ id }) => id === ticket);
      const from = isRange ? shown.findIndex(({ id }) => id === last.current) : to;
      if (isRange && from >= 0) {
        for (const { id } of shown.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(id);
      } else if (!next.delete(ticket)) next.add(ticket);
      last.current = ticket;
      setSelected({ listKey, ids: next });
    },
    [ids, shown, listKey],
  );
  const tickets = useMemo(() => (ids.size === 0 ? [] : shown.filter(({ id }) => ids.has(id))), [ids, shown]);
  const isAll = shown.length > 0 && tickets.length === shown.length;
  const clear = useCallback(() => setSelected({ listKey, ids: NOTHING }), [listKey]);
  const toggleAll = useCallback(() => {
    setSelected({ listKey, ids: isAll ? NOTHING : new Set(shown.map(({ id }) => id)) });
  }, [listKey, isAll, shown]);
  return { ids, tickets, toggle, toggleAll, isAll, clear };
}
