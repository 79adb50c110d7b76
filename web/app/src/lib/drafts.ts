import { useCallback, useEffect, useRef, useState } from "react";
import { load, save } from "./storage";

const isString = (value: unknown): value is string => typeof value === "string";
const isRecord = (value: unknown): value is Record<string, string> =>
  typeof value === "object" && value !== null && Object.values(value).every(isString);

/**
 * A text that survives reload, crash and sign-out, until `clear` is called. `key` says what it is for, and must name the
 * account that writes it (`draftKey`).
 */
export function useDraft(key: string): [text: string, set: (text: string) => void, clear: () => void] {
  const [draft, set, clear] = useDraftForm(key, EMPTY);
  const setText = useCallback((text: string) => set({ text }), [set]);
  return [draft.text, setText, clear];
}

const EMPTY = { text: "" };

/** The same for the fields of a form. `initial` is what an untouched form has. */
export function useDraftForm<Form extends Record<string, string>>(
  key: string,
  initial: Form,
): [form: Form, set: (change: Partial<Form>) => void, clear: () => void, isKept: boolean] {
  const read = useCallback(
    (): Form => ({ ...initial, ...(load(`draft.${key}`, isRecord) as Partial<Form> | null) }),
    // eslint-disable-next-line react/exhaustive-deps -- what an untouched form has does not change while it is open
    [key],
  );
  const [form, setForm] = useState(read);
  const current = useRef(form);
  const [isKept, setKept] = useState(true);
  const shown = useRef(key);

  useEffect(() => {
    if (shown.current === key) return;
    shown.current = key;
    current.current = read();
    setForm(current.current);
  }, [key, read]);

  const set = useCallback(
    (change: Partial<Form>) => {
      current.current = { ...current.current, ...change };
      setForm(current.current);
      const isUntouched = Object.entries(current.current).every(
        ([name, value]) => value === (initial[name] ?? ""),
      );
      setKept(save(`draft.${key}`, isUntouched ? null : current.current));
    },
    // eslint-disable-next-line react/exhaustive-deps -- as above
    [key],
  );

  const clear = useCallback(() => {
    current.current = initial;
    setForm(initial);
    save(`draft.${key}`, null);
    // eslint-disable-next-line react/exhaustive-deps -- as above
  }, [key]);

  return [form, set, clear, isKept];
}

/** Whether something is kept under this key. */
export function hasDraft(key: string): boolean {
  return load(`draft.${key}`, isRecord) !== null;
}

/** The key of a draft of this account's (`anonymous` for nobody's). */
export function draftKey(account: string | undefined, ...what: string[]): string {
  return [account ?? "anonymous", ...what].join(".");
}
