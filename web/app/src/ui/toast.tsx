import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { Link } from "wouter";
import { useText } from "@/i18n/text";
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
  setTimeout(() => dismiss(id), SHOWN_MS);
}

function dismiss(id: number): void {
  toasts.set(toasts.get().filter((one) => one.id !== id));
}

const TONES = { info: "border-line", success: "border-success", danger: "border-danger" };

/** Where toasts appear. Polite: nobody is interrupted. */
export function Toasts() {
  const t = useText("common");
  const shown = useSyncExternalStore(toasts.subscribe, toasts.get);
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 top-4 z-50 flex flex-col items-end gap-2"
    >
      {shown.map(({ id, text, tone, href }) => (
        <div
          key={id}
          className={cx(
            "pointer-events-auto flex max-w-sm items-start gap-2 rounded-lg border-s-4 border border-line bg-raised py-2 ps-3 pe-1 shadow-float",
            TONES[tone],
          )}
        >
          <p className="py-1">
            {href ? (
              <Link href={href} className="text-link underline" onClick={() => dismiss(id)}>
                {text}
              </Link>
            ) : (
              text
            )}
          </p>
          <IconButton label={t("dismiss")} icon={X} onClick={() => dismiss(id)} className="size-8" />
        </div>
      ))}
    </div>
  );
}
