import { useInfiniteQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { SEARCH_MIN, searchQuery } from "@/api/search";
import { useText } from "@/i18n/text";
import { grouped } from "@/lib/grouped";
import { useSession } from "@/session/session";
import { cx } from "@/ui/classes";
import { Keys } from "@/ui/keys";
import { type Entry, useEntries } from "./palette-entries";

/** How long somebody must stop typing before the server is asked, in milliseconds. */
const TYPED_MS = 120;
const TICKETS = 6;

/** Goes anywhere and does anything by its name: pages, tickets, what the page offers, how the desk looks. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const t = useText("palette");
  const dialog = useRef<HTMLDialogElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const asked = useSettled(typed.trim());
  const { me } = useSession();
  // Operators read no tickets.
  const isAsking = me?.role !== "OPERATOR" && [...typed.trim()].length >= SEARCH_MIN;
  const query = searchQuery(asked, TICKETS);
  const found = useInfiniteQuery({ ...query, enabled: query.enabled === true && isAsking });
  const page = isAsking ? found.data?.pages[0] : undefined;
  const entries = useEntries(typed.trim(), page);
  const at = Math.min(active, entries.length - 1);
  const isSearching = isAsking && (found.isFetching || asked !== typed.trim());

  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    input.current?.focus();
    // The browser brings the focus back to where it was.
    return () => shown?.close();
  }, []);
  useLayoutEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [id, at]);

  const choose = (entry: Entry | undefined) => {
    if (!entry) return;
    dialog.current?.close();
    entry.run();
  };
  const keyed = (event: KeyboardEvent) => {
    const { length } = entries;
    const to: Record<string, number> = {
      ArrowDown: (at + 1) % length,
      ArrowUp: (at - 1 + length) % length,
      PageDown: length - 1,
      PageUp: 0,
    };
    const next = to[event.key];
    if (event.nativeEvent.isComposing) return;
    if (next !== undefined && length > 0) setActive(next);
    else if (event.key === "Enter") choose(entries[at]);
    else return;
    event.preventDefault();
  };
  const groups = grouped(
    entries.map((entry, place) => ({ ...entry, place })),
    ({ group }) => group,
  );
  const status = isSearching
    ? t("searching")
    : isAsking && page && page.results.length === 0
      ? t("noTickets")
      : isAsking && found.error
        ? t("searchFailed")
        : "";

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- beside the dialog is its backdrop
    <dialog
      ref={dialog}
      aria-label={t("title")}
      onClose={onClose}
      onPointerDown={(event) => event.target === dialog.current && dialog.current?.close()}
      className="mx-auto mt-[12dvh] w-[min(40rem,calc(100vw-2rem))] overflow-hidden rounded-xl border border-line bg-raised p-0 text-ink shadow-float"
    >
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Search aria-hidden size={18} className="text-muted shrink-0" />
        <input
          ref={input}
          role="combobox"
          aria-label={t("title")}
          aria-expanded={entries.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={entries.length > 0 ? `${id}-${at}` : undefined}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          dir="auto"
          maxLength={200}
          placeholder={t("placeholder")}
          value={typed}
          onChange={({ target }) => {
            setTyped(target.value);
            setActive(0);
          }}
          onKeyDown={keyed}
          className="min-h-13 flex-1 bg-transparent text-base outline-none placeholder:text-muted"
        />
      </div>
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={t("title")}
        className="max-h-[55dvh] overflow-y-auto p-2"
      >
        {[...groups].map(([group, ones]) => (
          <div key={group} role="group" aria-label={group} className="pb-1">
            <p aria-hidden className="text-muted px-2 py-1 text-xs font-medium">
              {group}
            </p>
            {ones.map(({ key, icon: Icon, name, below, keys, place, run, group: own }) => (
              // The keys are the field's.
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
              <div
                key={key}
                id={`${id}-${place}`}
                role="option"
                aria-selected={place === at}
                onPointerMove={() => setActive(place)}
                onClick={() => choose({ key, icon: Icon, name, run, group: own })}
                className={cx(
                  "flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-2 py-1.5",
                  place === at && "bg-selected",
                )}
              >
                <Icon aria-hidden size={16} className="text-muted shrink-0" />
                <div className="min-w-0 flex-1">
                  <div className="truncate">{name}</div>
                  {below && <div className="text-muted truncate text-xs">{below}</div>}
                </div>
                {keys && <Keys keys={keys} />}
              </div>
            ))}
          </div>
        ))}
        <p role="status" className="text-muted px-2 py-2 text-xs empty:hidden">
          {status}
        </p>
      </div>
    </dialog>
  );
}

/** The text once nobody has changed it for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
