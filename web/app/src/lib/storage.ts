// What is kept in this browser. A storage that is full or forbidden keeps nothing, and nothing fails because of it.

const PREFIX = "informejo.";

/** What was kept under `key`, if it is of the shape that `isOne` checks. */
export function load<Kept>(key: string, isOne: (value: unknown) => value is Kept): Kept | null {
  try {
    const text = localStorage.getItem(PREFIX + key);
    const value: unknown = text === null ? null : JSON.parse(text);
    return isOne(value) ? value : null;
  } catch {
    return null;
  }
}

/** Keeps `value` under `key`; null keeps nothing. False if the browser would not. */
export function save(key: string, value: unknown): boolean {
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Calls `listener` when another tab has changed what is kept under `key`. Gives back what ends that. */
export function onChange(key: string, listener: () => void): () => void {
  const listen = (event: StorageEvent) => {
    if (event.key === PREFIX + key || event.key === null) listener();
  };
  window.addEventListener("storage", listen);
  return () => window.removeEventListener("storage", listen);
}
