import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { agentsQuery } from "@/api/queries";
import { ProblemError } from "@/api/problem";
import type { Me, Ticket } from "@/api/schema";
import { useText } from "@/i18n/text";
import { announce } from "@/lib/announce";
import { useOutbox } from "@/lib/outbox-context";
import { changeTicket, type Conflict, type TicketChange } from "@/lib/ticket-change";
import { PRIORITIES, STATUSES } from "@/ui/badge";
import { useProblemText } from "@/ui/states";
import { toast } from "@/ui/toast";

/** What is decided about tickets from the list. */
export type TriageField = "status" | "priority" | "assignee";

/** One of the things that a field can be. */
export interface Choice {
  name: string;
  change: TicketChange;
  isCurrent: (ticket: Ticket) => boolean;
}

/** What a field can be, in the order of the keys 1 to 9. */
export function useChoices(field: TriageField | null, me: Me): readonly Choice[] {
  const t = useText("tickets");
  const common = useText("common");
  const { data: agents } = useQuery({ ...agentsQuery, enabled: field === "assignee" });
  return useMemo(() => {
    switch (field) {
      case "status":
        return STATUSES.map((status) => ({
          name: common(`status.${status}`),
          change: { status },
          isCurrent: (ticket) => ticket.status === status,
        }));
      case "priority":
        return PRIORITIES.map((priority) => ({
          name: common(`priority.${priority}`),
          change: { priority },
          isCurrent: (ticket) => ticket.priority === priority,
        }));
      case "assignee": {
        const to = (assignedToId: string | null, name: string): Choice => ({
          name,
          change: { assignedToId },
          isCurrent: (ticket) => (ticket.assignedToId ?? null) === assignedToId,
        });
        const others = (agents ?? []).filter(({ id }) => id !== me.id).map(({ id, name }) => to(id, name));
        return [to(me.id, `${me.name} (${t("me")})`), to(null, common("unassigned")), ...others];
      }
      case null:
        return [];
    }
    // eslint-disable-next-line react/exhaustive-deps -- texts change with the language, and then everything is drawn anew
  }, [field, agents, me.id, me.name]);
}

/** A conflict that waits for a decision. */
export interface OpenConflict extends Conflict {
  decide: (side: "theirs" | "mine") => void;
}

/** Changes tickets from the list: shown at once, taken back visibly if the server refuses, and people asked where they collide. */
export function useTriage() {
  const t = useText("tickets");
  const common = useText("common");
  const problem = useProblemText();
  const outbox = useOutbox();
  const queries = useQueryClient();
  const [conflicts, setConflicts] = useState<readonly OpenConflict[]>([]);

  const ask = useCallback(
    (conflict: Conflict) =>
      new Promise<"theirs" | "mine">((resolve) => {
        const open: OpenConflict = {
          ...conflict,
          decide: (side) => {
            setConflicts((all) => all.filter((one) => one !== open));
            resolve(side);
          },
        };
        setConflicts((all) => [...all, open]);
      }),
    [],
  );

  const apply = (field: TriageField, choice: Choice, tickets: readonly Ticket[]) => {
    if (!outbox) return;
    const concerned = tickets.filter((ticket) => !choice.isCurrent(ticket));
    const [first] = concerned;
    if (concerned.length === 1 && first) {
      announce(t("changed", { title: first.title, field: common(`field.${field}`), value: choice.name }));
    } else if (first) {
      announce(t("changedMany", { n: concerned.length }));
    }
    for (const ticket of concerned) {
      changeTicket(outbox, queries, ticket, choice.change, ask).catch((error: unknown) => {
        // Whoever took it back themselves knows.
        if (ProblemError.of(error).status === 0) return;
        toast(t("refused", { title: ticket.title, reason: problem(error) }), { tone: "danger" });
      });
    }
  };

  return { apply, conflict: conflicts[0] };
}
