import { Store } from "./store";

/** What screen readers are told next; the shell has the live region. */
export const announcement = new Store<{ text: string; at: number }>({ text: "", at: 0 });

/** Says `text` to whoever listens instead of looking, politely. */
export function announce(text: string): void {
  announcement.set({ text, at: Date.now() });
}
