import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Suspense, useEffect, useSyncExternalStore } from "react";
import { ProblemError } from "./api/problem";
import { announcement } from "./lib/announce";
import { OutboxProvider } from "./lib/outbox-context";
import { listenToKeys } from "./lib/shortcuts";
import { LiveProvider } from "./live/live";
import { SessionProvider } from "./session/session";
import { Pages } from "./shell/pages";
import { Toasts } from "./ui/toast";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What is shown is kept current by broadcasts; coming back to a page asks again, behind what is shown at once.
      staleTime: 5_000,
      gcTime: 30 * 60_000,
      // Asking again helps if the server was away, and not if it has refused.
      retry: (failures, error) => failures < 3 && ProblemError.of(error).isAway,
      retryDelay: (failures, error) =>
        ProblemError.of(error).retryAfterMs ?? Math.min(8_000, 500 * 2 ** failures),
      refetchOnWindowFocus: false,
    },
  },
});

export function App() {
  useEffect(listenToKeys, []);
  return (
    <QueryClientProvider client={queries}>
      <SessionProvider>
        <OutboxProvider>
          <LiveProvider>
            <Suspense>
              <Pages />
              <Toasts />
            </Suspense>
            <Announcements />
          </LiveProvider>
        </OutboxProvider>
      </SessionProvider>
    </QueryClientProvider>
  );
}

function Announcements() {
  const { text, at } = useSyncExternalStore(announcement.subscribe, announcement.get);
  return (
    <div aria-live="polite" className="sr-only">
      {/* Another key: the same text twice is read twice. */}
      <span key={at}>{text}</span>
    </div>
  );
}
