import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useText } from "@/i18n/text";
import { announce } from "@/lib/announce";
import { useShortcuts } from "@/lib/shortcuts";
import { cx } from "@/ui/classes";

/** How long somebody who goes through the choices by keyboard may pause before one counts, in milliseconds. */
const PAUSE_MS = 1_200;

/**
 * A choice that counts at once; `keys` leads to it. By keyboard, going through the choices decides nothing: Enter does,
 * leaving the field, or a pause. Escape goes back.
 */
export function ChoiceField({
  keys,
  label,
  value,
  options,
  isPending,
  onChoose,
}: {
  keys: string;
  label: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
  isPending: boolean;
  onChoose: (value: string) => void;
}) {
  const t = useText("ticket");
  const common = useText("common");
  const id = useId();
  const select = useRef<HTMLSelectElement>(null);
  const [draft, showDraft] = useState<string | null>(null);
  /** The same, also between two renderings: leaving the field comes right after Escape. */
  const undecided = useRef<string | null>(null);
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isKeyed = useRef(false);
  const cameFrom = useRef<Element | null>(null);
  useEffect(() => () => clearTimeout(pause.current), []);

  const focus = () => {
    cameFrom.current = document.activeElement;
    select.current?.focus();
  };
  useShortcuts([{ keys, label: t("key.choose", { field: label }), group: t("shortcuts"), run: focus }]);

  const setDraft = (next: string | null) => {
    clearTimeout(pause.current);
    undecided.current = next;
    showDraft(next);
  };
  const choose = (next: string) => {
    setDraft(null);
    if (next === value) return;
    onChoose(next);
    announce(`${label}: ${options.find(([one]) => one === next)?.[1] ?? ""}`);
  };
  const leave = () => {
    // Back to where the shortcut was pressed, so that the next one is heard.
    const from = cameFrom.current;
    cameFrom.current = null;
    if (from instanceof HTMLElement && from !== document.body && from.isConnected) from.focus();
    else select.current?.blur();
  };
  const press = (event: KeyboardEvent) => {
    isKeyed.current = event.key !== "Enter" && event.key !== " ";
    if (event.key === "Enter" && (undecided.current !== null || cameFrom.current)) {
      event.preventDefault();
      if (undecided.current !== null) choose(undecided.current);
      leave();
    }
    if (event.key === "Escape") {
      setDraft(null);
      leave();
    }
  };
  const pick = (next: string) => {
    if (!isKeyed.current) return choose(next);
    setDraft(next);
    pause.current = setTimeout(() => choose(next), PAUSE_MS);
  };

  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-baseline justify-between gap-2">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {isPending ? (
          <span className="text-muted text-xs">{common("saving")}</span>
        ) : (
          <kbd aria-hidden className="text-muted rounded border border-line px-1.5 font-mono text-xs">
            {keys}
          </kbd>
        )}
      </div>
      <select
        ref={select}
        id={id}
        aria-keyshortcuts={keys}
        value={draft ?? value}
        className={cx("control", isPending && "border-dashed")}
        onKeyDown={press}
        onPointerDown={() => (isKeyed.current = false)}
        onBlur={() => undecided.current !== null && choose(undecided.current)}
        onChange={({ target }) => pick(target.value)}
      >
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
