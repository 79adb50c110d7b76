import type { Status } from "informejo-realtime";

/** What is said of the connection. */
export type Saying =
  | { is: "connected" | "connecting" | "catchingUp" | "offline" }
  | { is: "reconnecting"; attempt: number }
  | { is: "reconnectingIn"; attempt: number; s: number }
  | { is: "offlineSince"; since: number };

/**
 * What is true of the connection: `status` is the live client's, null before there is one; `hasNetwork` is the browser's
 * news, which comes long before a silent connection is given up.
 */
export function sayingOf(status: Status | null, hasNetwork: boolean): Saying {
  if (!hasNetwork) return offline(status?.lastUpdated ?? null);
  if (!status) return { is: "connecting" };
  switch (status.state) {
    case "connected":
      return { is: "connected" };
    case "catching-up":
      return { is: "catchingUp" };
    case "offline":
      // A client that was not started yet, or is closed because another account begins.
      return status.reason === "closed" ? { is: "connecting" } : offline(status.lastUpdated);
    case "reconnecting": {
      if (status.lastUpdated === null && status.attempt <= 1) return { is: "connecting" };
      const { attempt, retryInSeconds: s } = status;
      return s === null ? { is: "reconnecting", attempt } : { is: "reconnectingIn", attempt, s };
    }
  }
}

function offline(since: number | null): Saying {
  return since === null ? { is: "offline" } : { is: "offlineSince", since };
}

/** Whether what is shown may be old. */
export function isCut({ is }: Saying): boolean {
  return is === "offline" || is === "offlineSince" || is === "reconnecting" || is === "reconnectingIn";
}
