/** Where a position is kept, so that a tab that is loaded again resumes. */
export interface PositionStorage {
  /** The position that was kept; null if none was. */
  load(): number | null;
  /** Keeps a position; null keeps none. */
  save(position: number | null): void;
}

/**
 * Keeps the position in a web storage: `sessionStorage`, which each tab has its own of. A storage that is full or
 * forbidden keeps nothing, and a value that is no position counts as none.
 *
 * The storage is named by a function: where a browser forbids it, even naming it throws.
 */
export function tabStorage(
  storage: () => Pick<Storage, "getItem" | "setItem" | "removeItem"> = () => sessionStorage,
  key = "informejo.realtime.position",
): PositionStorage {
  return {
    load() {
      try {
        const text = storage().getItem(key);
        const position = Number(text);
        return text !== null && /^\d+$/.test(text) && Number.isSafeInteger(position) ? position : null;
      } catch {
        return null;
      }
    },
    save(position) {
      try {
        if (position === null) storage().removeItem(key);
        else storage().setItem(key, String(position));
      } catch {
        // Then the tab begins anew after it is loaded again, as without a storage.
      }
    },
  };
}
