import { useSyncExternalStore } from "react";
import { useLocation } from "wouter";
import { Store } from "./store";

/** Where the links of mails lead. */
const LANDING =
  /^\/(?:tickets\/view(?:\/[^/]*)?|register\/confirm|reset-password|unsubscribe|link-account)\/?$/;
const TOKEN = /^[\w.~-]{20,}$/;

const taken = new Store<{ path: string; token: string } | null>(null);

// A mailed link's token stands behind the `#`, which browsers tell no server. It leaves the address before anything is
// shown, so that it stays neither on the screen nor in the history, and lives only in this page's memory.
function take(): void {
  const { hash, pathname, search } = window.location;
  const token = hash.slice(1);
  if (!LANDING.test(pathname) || !TOKEN.test(token)) return;
  window.history.replaceState(window.history.state, "", pathname + search);
  taken.set({ path: pathname, token });
}

take();
// Another link into a tab that has the page already changes nothing but what stands behind the `#`.
window.addEventListener("hashchange", take);

const forget = (): void => taken.set(null);

/** The token of the link that led to this page; and what forgets it. */
export function useLinkToken(): [token: string | null, forget: () => void] {
  const found = useSyncExternalStore(taken.subscribe, taken.get);
  const [path] = useLocation();
  return [found?.path === path ? found.token : null, forget];
}
