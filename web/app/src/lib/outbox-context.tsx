import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { KEYS } from "@/api/queries";
import { text } from "@/i18n/text";
import { ticketPath, useSession } from "@/session/session";
import { toast } from "@/ui/toast";
import { Outbox, type Refusal, type Unsent } from "./outbox";

const Context = createContext<Outbox | null>(null);

/** The outbox of whoever is signed in. */
export function OutboxProvider({ children }: { children: ReactNode }) {
  const { me, ended } = useSession();
  const queries = useQueryClient();
  const account = me?.id;
  const role = me?.role ?? "";
  const [outbox, setOutbox] = useState<Outbox | null>(null);
  useEffect(() => {
    if (!account) return undefined;
    const own = new Outbox(account, ended);
    setOutbox(own);
    const end = own.onOutcome(({ command: { ticket, memo }, refused }) => {
      if (ticket === null) return;
      // Nobody waits for the answer who could take it in.
      void queries.invalidateQueries({ queryKey: [KEYS.ticket, ticket] });
      if (!refused || memo === undefined) return;
      const href = ticketPath({ role }, ticket);
      if (window.location.pathname === href) return;
      void text("common", "error.returned").then((words) => toast(words, { tone: "danger", href }));
    });
    return () => {
      end();
      own.close();
      setOutbox(null);
    };
  }, [account, role, ended, queries]);
  return <Context value={outbox}>{children}</Context>;
}

/** Null while nobody is signed in. */
export function useOutbox(): Outbox | null {
  return useContext(Context);
}

const none = () => () => {};
const NOTHING: readonly Unsent[] = [];
const NO_REFUSALS: readonly Refusal[] = [];

/** What has not reached the server yet. */
export function useUnsent(): readonly Unsent[] {
  const outbox = useOutbox();
  return useSyncExternalStore(outbox?.unsent.subscribe ?? none, () => outbox?.unsent.get() ?? NOTHING);
}

/** What was refused and has to be decided on (`Unsent.memo`). */
export function useRefusals(): readonly Refusal[] {
  const outbox = useOutbox();
  return useSyncExternalStore(
    outbox?.refusals.subscribe ?? none,
    () => outbox?.refusals.get() ?? NO_REFUSALS,
  );
}

/** Whether the server did not answer when it was last sent something. */
export function useAway(): boolean {
  const outbox = useOutbox();
  return useSyncExternalStore(outbox?.isAway.subscribe ?? none, () => outbox?.isAway.get() ?? false);
}
