import { useSyncExternalStore } from "react";
import { useSession } from "@/session/session";
import { type Note, Notes } from "./bell-notes";

// One for each account that signs in at this page: seldom more than one, and small.
const all = new Map<string, Notes>();

/** The notes of an account. */
export function notesOf(account: string): Notes {
  const notes = all.get(account) ?? new Notes(account);
  all.set(account, notes);
  return notes;
}

const NOTHING: readonly Note[] = [];
const none = () => () => {};

/** The reader's notes, the newest first. */
export function useNotes(): readonly Note[] {
  const { me } = useSession();
  const notes = me ? notesOf(me.id) : null;
  return useSyncExternalStore(notes?.all.subscribe ?? none, () => notes?.all.get() ?? NOTHING);
}
