import { createContext, useContext } from "react";
import type { Ticket } from "@/api/schema";
import type { FieldName } from "./logic/fields";

/** As whom somebody looks at a ticket. */
export type View = "agent" | "requester" | "guest";

/** The ticket that a page shows. */
export interface Shown {
  /** With what is unsent laid over. */
  ticket: Ticket;
  /** As the server has it. */
  known: Ticket;
  /** Fields whose change is on its way. */
  pending: ReadonlySet<FieldName>;
  view: View;
  /** Whether title and description may be edited. */
  mayEdit: boolean;
}

const Context = createContext<Shown | null>(null);
export const ShownProvider = Context;

export function useShown(): Shown {
  const shown = useContext(Context);
  if (!shown) throw new Error("outside of a ticket's page");
  return shown;
}

/** Where the list is that a ticket was come from. */
export function listPath(view: View): string {
  return view === "agent" ? "/admin/tickets" : "/tickets";
}
