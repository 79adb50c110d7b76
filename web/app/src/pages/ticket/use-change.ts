import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { ticketQuery } from "@/api/queries";
import type { Ticket } from "@/api/schema";
import { useOutbox } from "@/lib/outbox-context";
import { type ChangeMemo, type Values, valuesOf } from "./logic/fields";

/** What a change is decided on. */
export interface Basis {
  version: number;
  values: Values;
}

/** The ticket as it is shown, as what a change is decided on. */
export function basisOf(ticket: Ticket): Basis {
  return { version: ticket.version, values: valuesOf(ticket) };
}

/**
 * Sends a change of a ticket; it is shown at once (`withUnsent`). One that is refused is kept (`useRefusals`), for
 * `returned.tsx` to decide on.
 */
export function useChange(id: string): (changes: Values, basis: Basis) => void {
  const outbox = useOutbox();
  const queries = useQueryClient();
  return useCallback(
    (changes, { version, values }) => {
      if (!outbox) return;
      const memo: ChangeMemo = { kind: "change", base: values };
      const command = { method: "PATCH", path: `/api/tickets/${id}`, body: changes } as const;
      outbox
        .send<Ticket>({ ...command, ifMatch: version, ticket: id, memo })
        .then((answer) =>
          queries.setQueryData(ticketQuery(id).queryKey, (known) =>
            known && known.version > answer.version ? known : answer,
          ),
        )
        .catch(() => {
          // Whoever looks at what was refused knows more than this.
        });
    },
    [id, outbox, queries],
  );
}
