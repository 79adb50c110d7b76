import { X } from "lucide-react";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Link } from "wouter";
import { useText } from "@/i18n/text";
import { useShortcuts } from "@/lib/shortcuts";
import { Store } from "@/lib/store";
import { IconButton } from "./button";
import { cx } from "./classes";

export interface Toast {
  id: number;
  text: string;
  tone: "info" | "success" | "danger";
  /** Where it leads. */
  href?: string;
  /** Of several with the same key only the last is shown. */
  key?: string;
}

/** How many are shown at a time. */
const SHOWN_MAX = 3;
const SHOWN_MS = 6_000;

const toasts = new Store<readonly Toast[]>([]);
let last = 0;

/** Shows a toast for some seconds, and reads it out. */
export function toast(text: string, options: Partial<Omit<Toast, "id" | "text">> = {}): void {
  const id = (last += 1);
  const { key } = options;
  const others = toasts.get().filter((one) => key === undefined || one.key !== key);
  toasts.set([...others, { id, text, tone: "info" as const, ...options }].slice(-SHOWN_MAX));
}

/** Whether the toast with this key is on the screen. */
export function isToastShown(key: string): boolean {
  return toasts.get().some((one) => one.key === key);
}

function dismiss(id: number): void {
  toasts.set(toasts.get().filter((one) => one.id !== id));
}

const TONES = { info: "border-line", success: "border-success", danger: "border-danger" };

/**
 * Where toasts appear. Polite: nobody is interrupted. They stay while somebody reads them (the pointer or the focus is
 * there) or looks at another tab; Escape closes the one that has the focus, and F8 leads to the latest.
 */
export function Toasts() {
  const t = useText("common");
  const shown = useSyncExternalStore(toasts.subscribe, toasts.get);
  const region = useRef<HTMLDivElement>(null);
  const [isHovered, setHovered] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const isHidden = useSyncExternalStore(subscribeVisibility, () => document.visibilityState === "hidden");
  const before = useRef<Element | null>(null);
  const isEmpty = shown.length === 0;
  useEffect(() => {
    // What is gone cannot be left any more.
    if (!isEmpty) return;
    setHovered(false);
    setFocused(false);
  }, [isEmpty]);
  useShortcuts(
    isEmpty
      ? []
      : [
          {
            keys: "F8",
            label: t("toasts.focus"),
            group: t("toasts.name"),
            run() {
              before.current = document.activeElement;
              region.current?.querySelector<HTMLElement>("[data-toast]:last-child :is(a, button)")?.focus();
            },
          },
        ],
  );
  const close = useCallback((id: number) => {
    const hadFocus = region.current?.contains(document.activeElement);
    dismiss(id);
    // The focus goes back to where it was before.
    if (hadFocus && before.current instanceof HTMLElement) before.current.focus();
  }, []);
  useEffect(() => {
    const around = region.current;
    if (!around) return undefined;
    const ending = new AbortController();
    const listen = <Name extends keyof HTMLElementEventMap>(
      name: Name,
      listener: (event: HTMLElementEventMap[Name]) => void,
    ) => around.addEventListener(name, listener, { signal: ending.signal });
    listen("pointerenter", () => setHovered(true));
    listen("pointerleave", () => setHovered(false));
    listen("focusin", () => setFocused(true));
    listen("focusout", () => setFocused(false));
    listen("keydown", (event) => {
      const focused =
        event.target instanceof Element ? event.target.closest<HTMLElement>("[data-toast]") : null;
      if (event.key !== "Escape" || !focused) return;
      event.preventDefault();
      close(Number(focused.dataset["toast"]));
    });
    return () => ending.abort();
  }, [close]);
  return (
    <div
      ref={region}
      role="status"
      aria-live="polite"
      aria-label={t("toasts.name")}
      className="pointer-events-none fixed inset-x-4 top-16 z-50 flex flex-col items-end gap-2"
    >
      {shown.map((one) => (
        <One key={one.id} toast={one} isHeld={isHovered || isFocused || isHidden} close={close} />
      ))}
    </div>
  );
}

function One({
  toast: { id, text, tone, href },
  isHeld,
  close,
}: {
  toast: Toast;
  isHeld: boolean;
  close: (id: number) => void;
}) {
  const t = useText("common");
  useEffect(() => {
    if (isHeld) return undefined;
    const timer = setTimeout(() => dismiss(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, isHeld]);
  return (
    <div
      data-toast={id}
      className={cx(
        "pointer-events-auto flex max-w-sm items-start gap-2 rounded-lg border-s-4 border border-line bg-raised py-2 ps-3 pe-1 shadow-float",
        TONES[tone],
      )}
    >
      <p className="line-clamp-3 self-center">
        {href ? (
          <Link href={href} className="block py-1 text-link underline" onClick={() => dismiss(id)}>
            {text}
          </Link>
        ) : (
          text
        )}
      </p>
      <IconButton label={t("dismiss")} icon={X} onClick={() => close(id)} className="size-8 shrink-0" />
    </div>
  );
}

function subscribeVisibility(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}
