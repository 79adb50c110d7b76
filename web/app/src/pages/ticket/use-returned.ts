import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { ProblemError } from "@/api/problem";
import { ticketQuery } from "@/api/queries";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { useOutbox, useRefusals } from "@/lib/outbox-context";
import type { Refusal } from "@/lib/outbox";
import { Store } from "@/lib/store";
import { useProblemText } from "@/ui/states";
import { toast } from "@/ui/toast";
import { type FieldName, isChangeMemo, namesOf, type Values, valuesOf } from "./logic/fields";
import { merge } from "./logic/merge";
import { useFieldNames } from "./names";
import { useChange } from "./use-change";

/** A change that somebody else was quicker with. */
export interface Conflict {
  key: string;
  field: FieldName;
  base: string | null;
  mine: string | null;
}

/** Refused changes that a merge is under way for: each is merged once, whoever looks. */
const merging = new Set<string>();
/** Refused changes of which only what conflicts is left. */
const merged = new Store<ReadonlySet<string>>(new Set());

/**
 * Takes in what was refused of this ticket's changes. What others have not touched is sent again by itself; what they have
 * is given back, to be decided on. `reopen` gets texts that were refused for another reason.
 */
export function useReturned(id: string, reopen: (texts: Values, why: ProblemError) => void): Conflict[] {
  const outbox = useOutbox();
  const queries = useQueryClient();
  const change = useChange(id);
  const t = useText("ticket");
  const names = useFieldNames();
  const format = useFormats();
  const problemText = useProblemText();
  const decided = useSyncExternalStore(merged.subscribe, merged.get);
  const refusals = useRefusals().filter(
    ({ command }) => command.ticket === id && command.method === "PATCH" && isChangeMemo(command.memo),
  );

  useEffect(() => {
    for (const refusal of refusals) {
      const { command, status, problem } = refusal;
      const { key } = command;
      if (merging.has(key)) continue;
      merging.add(key);
      if (status === 412) void again(refusal);
      else if (outbox?.takeBack(key)) {
        const why = new ProblemError(status, problem);
        const mine = command.body as Values;
        if (mine.title !== undefined || mine.description !== undefined) reopen(mine, why);
        else toast(t("refused", { why: problemText(why) }), { tone: "danger" });
      }
    }

    async function again({ command }: Refusal) {
      const { key } = command;
      try {
        const theirs = await queries.fetchQuery({ ...ticketQuery(id), staleTime: 0 });
        const mine = command.body as Values;
        const base = isChangeMemo(command.memo) ? command.memo.base : {};
        const { send, conflicts, others } = merge(base, mine, valuesOf(theirs));
        // False if another tab is at it.
        const isOurs = conflicts.length > 0 ? outbox?.narrow(key, conflicts) : outbox?.takeBack(key);
        if (!isOurs) return;
        if (namesOf(send).length > 0) change(send, { version: theirs.version, values: valuesOf(theirs) });
        if (others.length > 0) {
          toast(t("merged", { fields: format.list(others.map(names)) }), { key: `merged.${id}` });
        }
        merged.set(new Set([...merged.get(), key]));
      } catch {
        // The server is away: whoever looks again tries again.
        merging.delete(key);
      }
    }
  }, [refusals, outbox, queries, change, id, reopen, t, names, format, problemText]);

  const known = queries.getQueryData(ticketQuery(id).queryKey);
  return refusals
    .filter(({ command }) => decided.has(command.key))
    .flatMap(({ command }) => {
      const mine = command.body as Values;
      const base = isChangeMemo(command.memo) ? command.memo.base : {};
      return namesOf(mine)
        .filter((field) => known && valuesOf(known, [field])[field] !== mine[field])
        .map((field) => ({ key: command.key, field, base: base[field] ?? null, mine: mine[field] ?? null }));
    });
}
