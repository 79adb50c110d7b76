import { useQuery } from "@tanstack/react-query";
import { answer, api, nextCursor } from "@/api/client";
import { KEYS } from "@/api/queries";
import type { HistoryStep } from "@/api/schema";
import type { FieldName } from "./logic/fields";
import { HISTORY_FIELD } from "./logic/steps";

/** Pages of a history that are looked through for who has changed a field. */
const PAGES_MAX = 20;

/** Who has changed a field last. */
export interface LastChange {
  name: string;
  id: string | null;
  at: string;
}

/** Who has changed the field last, as of this version of the ticket; undefined while that is not known. */
export function useLastChange(id: string, field: FieldName, version: number): LastChange | undefined {
  const { data } = useQuery({
    queryKey: [KEYS.ticket, id, "last-change", field, version],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<LastChange | null> => {
      let last: HistoryStep | null = null;
      let cursor: string | null = null;
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const query: { limit: number; cursor?: string } =
          cursor === null ? { limit: 200 } : { limit: 200, cursor };
        const { data: steps, response } = await answer(
          api.GET("/api/tickets/{id}/history", { params: { path: { id }, query }, signal }),
        );
        last = steps.findLast((step) => isChangeOf(step, field)) ?? last;
        cursor = nextCursor(response);
        if (cursor === null) break;
      }
      return last && { name: last.actor.name, id: last.actor.id ?? null, at: last.occurredAt };
    },
  });
  return data ?? undefined;
}

function isChangeOf({ type, changes }: HistoryStep, field: FieldName): boolean {
  return type !== "TicketCreated" && changes.some((change) => change.field === HISTORY_FIELD[field]);
}
