import { useEffect, useState } from "react";
import type { Viewer, ViewingState } from "informejo-realtime";
import { useConnection, useLive, useLiveEvent } from "@/live/live";

/** Says what this tab does with the ticket, and who else has it open. The server tells agents only. */
export function useViewers(id: string, isEditing: boolean): readonly Viewer[] {
  const client = useLive();
  const connection = useConnection();
  const [viewers, setViewers] = useState<readonly Viewer[]>([]);
  const [isHidden, setHidden] = useState(document.hidden);
  const state: ViewingState = isHidden ? "open" : isEditing ? "editing" : "viewing";
  const isConnected = connection?.state === "connected";

  useEffect(() => {
    const look = () => setHidden(document.hidden);
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);

  useEffect(() => {
    if (!client || !isConnected) return undefined;
    let isOver = false;
    // In the room first: the server hears it from there only.
    void client.joinTicket(id).then(async ({ ok }) => {
      if (!ok || isOver) return;
      const answer = await client.setViewing(id, state);
      if (answer.ok && answer.viewers && !isOver) setViewers(answer.viewers);
    });
    return () => {
      isOver = true;
      client.leaveTicket(id);
    };
  }, [client, isConnected, id, state]);

  useLiveEvent("viewers:changed", (changed) => {
    if (changed.ticket === id) setViewers(changed.viewers);
  });
  return isConnected ? viewers : [];
}
