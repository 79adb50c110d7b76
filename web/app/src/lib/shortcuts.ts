import { useEffect, useRef } from "react";
import { Store } from "./store";

/** A key, or a chord such as `g d`, and what it does. `mod+k` is Ctrl or ⌘ with K. */
export interface Shortcut {
  keys: string;
  /** For the list that `?` shows. */
  label: string;
  /** Under which heading of the list. */
  group: string;
  run: () => void;
}

/** How long the second key of a chord may take, in milliseconds. */
const CHORD_MS = 1_000;

/** What can be pressed at present; later ones win over earlier ones with the same keys. */
export const shortcuts = new Store<readonly Shortcut[]>([]);

/** Offers these shortcuts for as long as the component is shown. */
export function useShortcuts(offered: readonly Shortcut[]): void {
  const latest = useRef(offered);
  useEffect(() => {
    latest.current = offered;
  });
  const names = offered.map(({ keys, label, group }) => `${keys}\n${label}\n${group}`).join("\t");
  useEffect(() => {
    const own = latest.current.map(({ keys, label, group }) => ({
      keys,
      label,
      group,
      run: () => latest.current.find((one) => one.keys === keys)?.run(),
    }));
    shortcuts.set([...shortcuts.get(), ...own]);
    return () => shortcuts.set(shortcuts.get().filter((one) => !own.includes(one)));
  }, [names]);
}

/** Listens to the keyboard. Called once, by the shell. */
export function listenToKeys(): () => void {
  let pressed = "";
  let forget: ReturnType<typeof setTimeout> | undefined;
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const name = keyName(event);
    if (!name || (isTyped(event) && !name.startsWith("mod+"))) return;
    // What has the focus is pressed by it.
    if (name === " " && isPressable(event)) return;
    // A dialog keeps the keyboard to itself.
    if (document.querySelector("dialog[open]") && !name.startsWith("mod+")) return;
    clearTimeout(forget);
    const found = findLast(pressed ? `${pressed} ${name}` : name) ?? findLast(name);
    pressed = "";
    if (found) {
      event.preventDefault();
      found.run();
    } else if (shortcuts.get().some(({ keys }) => keys.startsWith(`${name} `))) {
      pressed = name;
      forget = setTimeout(() => (pressed = ""), CHORD_MS);
    }
  };
  window.addEventListener("keydown", listen);
  return () => window.removeEventListener("keydown", listen);
}

function findLast(keys: string): Shortcut | undefined {
  return shortcuts.get().findLast((one) => one.keys === keys);
}

function keyName(event: KeyboardEvent): string | null {
  if (event.altKey || ["Shift", "Control", "Meta", "Alt"].includes(event.key)) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return `mod+${key}`;
  return event.shiftKey && event.key.length > 1 ? `shift+${key}` : key;
}

function isTyped({ target }: KeyboardEvent): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"))
  );
}

function isPressable({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && target.matches("button, a, summary, [role=button]");
}
