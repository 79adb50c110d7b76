import { useCallback, useEffect, useRef, useState } from "react";
import { useText } from "@/i18n/text";
import { announce } from "@/lib/announce";
import { useLive, useLiveEvent } from "@/live/live";
import { useMe } from "@/session/session";
import { heard, still, type Typist, TYPING_MS } from "./logic/typists";

/** How often it is said that keys go. */
const SAY_MS = 2_000;
/** How rarely screen readers are told that somebody types. */
const ANNOUNCE_MS = 30_000;

/** Tells the others that something is being typed here: `press` with every key, `stop` when it is over. */
export function useTypingSignal(id: string, internal: boolean): { press: () => void; stop: () => void } {
  const client = useLive();
  const said = useRef(0);
  const stop = useCallback(() => {
    if (said.current === 0) return;
    said.current = 0;
    void client?.request("typing", { ticket: id, internal, typing: false });
  }, [client, id, internal]);
  const press = useCallback(() => {
    const now = Date.now();
    if (now - said.current < SAY_MS) return;
    said.current = now;
    void client?.request("typing", { ticket: id, internal, typing: true });
  }, [client, id, internal]);
  useEffect(() => stop, [stop]);
  return { press, stop };
}

/** Who types on this ticket at present. */
export function useTypists(id: string): readonly Typist[] {
  const t = useText("ticket");
  const me = useMe();
  const [typists, setTypists] = useState<readonly Typist[]>([]);
  const announced = useRef(0);

  useLiveEvent("typing", (changed) => {
    if (changed.ticket !== id || changed.person?.id === me.id) return;
    const now = Date.now();
    setTypists((before) => heard(before, changed, now));
    if (changed.typing && now - announced.current > ANNOUNCE_MS) {
      announced.current = now;
      announce(t("typing", { n: 1, names: changed.person?.name ?? t("itSupport") }));
    }
  });
  // Whoever has written it does not write it any more.
  useLiveEvent("comment:added", ({ ticketId, userId }) => {
    if (ticketId === id) setTypists((before) => before.filter((one) => one.id !== userId && one.id !== null));
  });
  useEffect(() => {
    if (typists.length === 0) return undefined;
    const timer = setTimeout(() => setTypists((before) => still(before, Date.now())), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typists]);
  return typists;
}
