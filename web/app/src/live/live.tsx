import { useQueryClient } from "@tanstack/react-query";
import type { RealtimeClient, ServerEvents, Status } from "informejo-realtime";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useSession } from "@/session/session";
import { haveTicketUpTo, keepCurrent } from "./cache";

const Context = createContext<RealtimeClient | null>(null);

/** Begins to load the live client; it is not needed for the first picture. */
const loading = import("informejo-realtime");

/** One connection for the whole tab, for as long as somebody is signed in. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const { me, ended } = useSession();
  const queries = useQueryClient();
  const [client, setClient] = useState<RealtimeClient | null>(null);
  const account = me?.id;

  useEffect(() => {
    if (!account) return undefined;
    let isOver = false;
    let stop = () => {};
    void loading.then(({ RealtimeClient, pageUrlSources, socketUrl, tabStorage }) => {
      if (isOver) return;
      // The position is an account's: whoever signs in next begins anew.
      const storage = tabStorage(() => sessionStorage, `informejo.position.${account}`);
      const live = new RealtimeClient({ url: socketUrl(pageUrlSources(document)), storage });
      const endCache = keepCurrent(live, queries);
      const endStatus = live.onStatus(({ reason }) => {
        if (reason === "unauthorized") ended();
      });
      live.start();
      setClient(live);
      stop = () => {
        endStatus();
        endCache();
        live.close();
        setClient(null);
      };
    });
    return () => {
      isOver = true;
      stop();
    };
  }, [account, queries, ended]);

  return <Context value={client}>{children}</Context>;
}

/** The live connection; null until there is one. */
export function useLive(): RealtimeClient | null {
  return useContext(Context);
}

const none = () => () => {};

/** How the connection is doing; null while nobody is signed in. */
export function useConnection(): Status | null {
  const client = useLive();
  return useSyncExternalStore(client?.onStatus ?? none, () => client?.status() ?? null);
}

/** Calls the latest `listener` with every event of this name. */
export function useLiveEvent<Event extends keyof ServerEvents>(
  event: Event,
  listener: (...args: ServerEvents[Event]) => void,
): void {
  const client = useLive();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(
    () => client?.on(event, ((...args: ServerEvents[Event]) => latest.current(...args)) as never),
    [client, event],
  );
}

/** Is in the ticket's room for as long as the component is shown: comments and files arrive. `lost` is called if it is gone. */
export function useTicketRoom(id: string | null, lost: (error: string) => void = () => {}): void {
  const client = useLive();
  const queries = useQueryClient();
  const latest = useRef(lost);
  useEffect(() => {
    latest.current = lost;
  });
  useEffect(() => {
    if (!client || id === null) return undefined;
    const endLost = client.onLost(({ ticket, error }) => {
      if (ticket === id) latest.current(error);
    });
    void client.joinTicket(id).then((answer) => {
      // What was said between the fetch and this moment was told to the room, and nobody was in it.
      if (answer.ok) void haveTicketUpTo(queries, id, answer.position, true);
    });
    return () => {
      endLost();
      client.leaveTicket(id);
    };
  }, [client, queries, id]);
}
