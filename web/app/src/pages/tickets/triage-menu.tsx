import { Check } from "lucide-react";
import { type KeyboardEvent, useLayoutEffect, useRef, useState } from "react";
import type { Ticket } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { cx } from "@/ui/classes";
import type { Choice } from "./triage";
import { KEEPS_ROW } from "./use-target";

/** How long keys belong to one word, in milliseconds. */
const WORD_MS = 700;
const MARGIN = 8;

/** A small menu beside a row: arrows, first letters and numbers choose. */
export default function TriageMenu({
  name,
  choices,
  tickets,
  anchor,
  onChoose,
  onClose,
}: {
  name: string;
  choices: readonly Choice[];
  tickets: readonly Ticket[];
  anchor: DOMRect;
  onChoose: (choice: Choice) => void;
  onClose: () => void;
}) {
  const format = useFormats();
  const menu = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: "", at: 0 });
  const [place, setPlace] = useState({ left: 0, top: 0 });
  const isCurrent = (choice: Choice) => tickets.every(choice.isCurrent);

  useLayoutEffect(() => {
    const shown = menu.current;
    if (!shown) return;
    const { width, height } = shown.getBoundingClientRect();
    const isBelow = anchor.bottom + height + MARGIN < window.innerHeight;
    const start = document.documentElement.dir === "rtl" ? anchor.right - width : anchor.left;
    setPlace({
      left: Math.max(MARGIN, Math.min(start, window.innerWidth - width - MARGIN)),
      top: isBelow ? anchor.bottom : Math.max(MARGIN, anchor.top - height),
    });
    const items = shown.querySelectorAll<HTMLElement>("[role=menuitemradio]");
    const current = [...items].find((item) => item.ariaChecked === "true") ?? items[0];
    current?.focus({ preventScroll: true });
  }, [anchor]);

  const keyed = (event: KeyboardEvent) => {
    const items = [...(menu.current?.querySelectorAll<HTMLElement>("[role=menuitemradio]") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to: Record<string, number> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    };
    const next = to[event.key];
    if (next !== undefined) items[next]?.focus();
    else if (event.key === "Escape" || event.key === "Tab") onClose();
    else if (event.key.length === 1 && /\p{L}/u.test(event.key) && !event.ctrlKey && !event.metaKey) {
      const { text, at: when } = typed.current;
      const word = (event.timeStamp - when < WORD_MS ? text : "") + event.key.toLowerCase();
      typed.current = { text: word, at: event.timeStamp };
      items[choices.findIndex((choice) => choice.name.toLowerCase().startsWith(word))]?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={menu}
      role="menu"
      tabIndex={-1}
      aria-label={name}
      {...{ [KEEPS_ROW]: "" }}
      onKeyDown={keyed}
      onBlur={(event) => {
        if (!menu.current?.contains(event.relatedTarget)) onClose();
      }}
      style={place}
      className="fixed z-40 flex max-h-[min(24rem,80dvh)] min-w-52 flex-col overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-float"
    >
      <p aria-hidden className="text-muted truncate px-2 pt-1 pb-1.5 text-xs">
        {name}
      </p>
      {choices.map((choice, index) => (
        <button
          key={JSON.stringify(choice.change)}
          type="button"
          role="menuitemradio"
          aria-checked={isCurrent(choice)}
          aria-keyshortcuts={index < 9 ? `${index + 1}` : undefined}
          tabIndex={-1}
          onClick={() => onChoose(choice)}
          className="flex min-h-9 items-center gap-2 rounded-lg px-2 text-start hover:bg-hover focus:bg-hover"
        >
          <Check aria-hidden size={16} className={cx("shrink-0", !isCurrent(choice) && "invisible")} />
          <span className="flex-1 truncate">{choice.name}</span>
          {index < 9 && (
            <kbd aria-hidden className="text-muted rounded border border-line px-1.5 font-mono text-xs">
              {format.number(index + 1)}
            </kbd>
          )}
        </button>
      ))}
    </div>
  );
}
