import { load, onChange, save } from "@/lib/storage";
import { Store } from "@/lib/store";

/** What somebody may want to know of. */
export const KINDS = ["created", "assigned", "comment", "mention", "reply", "status", "deleted"] as const;
export type Kind = (typeof KINDS)[number];

/** Something that another person did on a ticket that concerns the reader. No text of comments: it is kept in the browser. */
export interface Note {
  /** The event's id: each is noted once, however many tabs hear of it. */
  id: string;
  kind: Kind;
  ticket: string;
  title: string;
  /** Who did it, if that is known. */
  who: string | null;
  /** The new status of the kind `status`. */
  status: string | null;
  at: string;
  isRead: boolean;
}

/** How many are kept. */
export const NOTES_MAX = 200;

function areNotes(value: unknown): value is Note[] {
  return (
    Array.isArray(value) &&
    value.every((one) => typeof one === "object" && one !== null && "id" in one && "kind" in one)
  );
}

/** With `added` among them, the newest first, none twice and not too many. */
export function withNotes(notes: readonly Note[], added: readonly Note[]): Note[] {
  const known = new Set(notes.map(({ id }) => id));
  const fresh = added.filter(
    ({ id }, place) => !known.has(id) && added.findIndex((one) => one.id === id) === place,
  );
  return [...fresh, ...notes].toSorted((one, other) => other.at.localeCompare(one.at)).slice(0, NOTES_MAX);
}

/** An account's notes in this browser; all tabs have the same. */
export class Notes {
  readonly #key: string;
  readonly #end: () => void;
  readonly all: Store<readonly Note[]>;

  constructor(account: string) {
    this.#key = `notes.${account}`;
    this.all = new Store<readonly Note[]>(load(this.#key, areNotes) ?? []);
    this.#end = onChange(this.#key, () => this.all.set(load(this.#key, areNotes) ?? []));
  }

  close(): void {
    this.#end();
  }

  /** Adds what is not known yet. Gives back which of them that was. */
  add(notes: readonly Note[]): Note[] {
    const known = new Set(this.#kept().map(({ id }) => id));
    const fresh = notes.filter(({ id }) => !known.has(id));
    if (fresh.length > 0) this.#keep(withNotes(this.#kept(), fresh));
    return fresh;
  }

  /** Everything that `is` says is read. */
  read(is: (note: Note) => boolean): void {
    const notes = this.#kept();
    if (notes.some((note) => !note.isRead && is(note))) {
      this.#keep(notes.map((note) => (is(note) ? { ...note, isRead: true } : note)));
    }
  }

  clear(): void {
    this.#keep([]);
  }

  #kept(): readonly Note[] {
    // Another tab may have written since; a browser that keeps nothing has what the page has.
    return load(this.#key, areNotes) ?? this.all.get();
  }

  #keep(notes: readonly Note[]): void {
    save(this.#key, notes);
    this.all.set(notes);
  }
}
