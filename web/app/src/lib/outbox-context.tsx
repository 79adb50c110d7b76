import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { useSession } from "@/session/session";
import { Outbox, type Unsent } from "./outbox";

const Context = createContext<Outbox | null>(null);

/** The outbox of whoever is signed in. */
export function OutboxProvider({ children }: { children: ReactNode }) {
  const { me } = useSession();
  const account = me?.id;
  const [outbox, setOutbox] = useState<Outbox | null>(null);
  useEffect(() => {
    if (!account) return undefined;
    const own = new Outbox(account);
    setOutbox(own);
    return () => {
      own.close();
      setOutbox(null);
    };
  }, [account]);
  return <Context value={outbox}>{children}</Context>;
}

/** Null while nobody is signed in. */
export function useOutbox(): Outbox | null {
  return useContext(Context);
}

const NOTHING: readonly Unsent[] = [];
const none = () => () => {};

/** What has not reached the server yet. */
export function useUnsent(): readonly Unsent[] {
  const outbox = useOutbox();
  return useSyncExternalStore(outbox?.unsent.subscribe ?? none, () => outbox?.unsent.get() ?? NOTHING);
}
