import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { ticketQuery } from "@/api/queries";
import { preload } from "@/shell/routes";

/** How long somebody must stay on a ticket before it is fetched: who only passes over it does not want it. */
const STAYS_MS = 60;

/** Fetches what is about to be opened: the page's code, and the ticket. */
export function useNear(hrefOf: (ticket: string) => string): (ticket: string) => void {
  const queries = useQueryClient();
  const latest = useRef("");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(
    (ticket: string) => {
      if (ticket === latest.current) return;
      latest.current = ticket;
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        preload(hrefOf(ticket));
        void queries.prefetchQuery(ticketQuery(ticket));
        latest.current = "";
      }, STAYS_MS);
    },
    [queries, hrefOf],
  );
}
