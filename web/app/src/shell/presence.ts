import { useEffect } from "react";
import { useLive } from "@/live/live";
import { watchPresence } from "./presence-watch";

/** Says whether somebody sits before this tab. */
export function usePresence(): void {
  const client = useLive();
  useEffect(() => (client ? watchPresence((state) => client.setPresence(state)) : undefined), [client]);
}
