import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ProblemError } from "@/api/problem";
import type { Ticket } from "@/api/schema";
import { draftKey, useDraftForm } from "@/lib/drafts";
import { useMe } from "@/session/session";
import type { Values } from "./logic/fields";
import { useChange } from "./use-change";

/** What is being typed, and what stood there when that began. Without a version, nobody edits. */
const UNTOUCHED = { title: "", description: "", baseTitle: "", baseDescription: "", version: "" };
export type EditForm = typeof UNTOUCHED;

export interface Edit {
  form: EditForm;
  isOpen: boolean;
  isDirty: boolean;
  /** Why it was refused the last time. */
  refused: ProblemError | null;
  set: (change: Partial<EditForm>) => void;
  open: () => void;
  /** Opens it with texts that were not taken. */
  reopen: (texts: Values, why: ProblemError | null) => void;
  save: () => void;
  cancel: () => void;
}

/** The title and the description while they are edited. What is typed survives reload and sign-out, and no push touches it. */
export function useEdit(known: Ticket): Edit {
  const me = useMe();
  const change = useChange(known.id);
  const [form, set, clear] = useDraftForm(draftKey(me.id, "ticket", known.id, "edit"), UNTOUCHED);
  const [refused, setRefused] = useState<ProblemError | null>(null);
  const isOpen = form.version !== "";
  const isDirty = isOpen && (form.title !== form.baseTitle || form.description !== form.baseDescription);
  const { title, description, version } = known;

  const left = useRef({ isDirty, clear });
  useEffect(() => {
    left.current = { isDirty, clear };
  });
  useEffect(
    () => () => {
      // Left as it was: nobody misses it.
      if (!left.current.isDirty) left.current.clear();
    },
    [],
  );

  const begin = useCallback(
    (texts: Partial<EditForm>) =>
      set({
        title,
        description,
        baseTitle: title,
        baseDescription: description,
        version: String(version),
        ...texts,
      }),
    [set, title, description, version],
  );

  const reopen = useCallback(
    (texts: Values, why: ProblemError | null) => {
      setRefused(why);
      const given: Partial<EditForm> = {};
      if (typeof texts.title === "string") given.title = texts.title;
      if (typeof texts.description === "string") given.description = texts.description;
      if (!isDirty) return begin(given);
      // Somebody types already: that stays, and the other text comes after it.
      if (given.description !== undefined) {
        set({ description: `${form.description}\n\n${given.description}` });
      }
    },
    [begin, set, isDirty, form.description],
  );

  const cancel = useCallback(() => {
    setRefused(null);
    clear();
  }, [clear]);

  const save = useCallback(() => {
    const changes: Values = {};
    const [newTitle, newDescription] = [form.title.trim(), form.description.trim()];
    if (newTitle !== form.baseTitle) changes.title = newTitle;
    if (newDescription !== form.baseDescription) changes.description = newDescription;
    if (Object.keys(changes).length > 0) {
      const values = { title: form.baseTitle, description: form.baseDescription };
      change(changes, { version: Number(form.version), values });
    }
    cancel();
  }, [form, change, cancel]);

  return useMemo(
    () => ({ form, isOpen, isDirty, refused, set, open: () => begin({}), reopen, save, cancel }),
    [form, isOpen, isDirty, refused, set, begin, reopen, save, cancel],
  );
}
