import { useCallback, useEffect, useRef } from "react";
import { navigate } from "wouter/use-browser-location";
import { useSearch } from "wouter";

type Change = Readonly<Record<string, string | undefined>>;

/** What stands in the URL behind `?`, and how it is changed: undefined takes a name out. */
export function useUrl(): [
  parameters: URLSearchParams,
  change: (change: Change, isReplacing?: boolean) => void,
] {
  const search = useSearch();
  const latest = useRef(search);
  useEffect(() => {
    latest.current = search;
  });
  const change = useCallback((change: Change, isReplacing = false) => {
    const next = new URLSearchParams(latest.current);
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined || value === "") next.delete(name);
      else next.set(name, value);
    }
    const text = next.toString();
    if (text === latest.current) return;
    latest.current = text;
    const target = window.location.pathname + (text ? `?${text}` : "");
    // The entry keeps its name, by which Back finds its place again.
    const state: unknown = isReplacing ? window.history.state : null;
    navigate(target, { replace: isReplacing, state });
  }, []);
  return [new URLSearchParams(search), change];
}
