import { Search } from "lucide-react";
import { lazy, Suspense, useCallback, useSyncExternalStore } from "react";
import { loadArea, useText } from "@/i18n/text";
import { useShortcuts } from "@/lib/shortcuts";
import { overlay } from "./overlays";

const loadPalette = async () => (await Promise.all([import("./palette"), loadArea("palette")]))[0];
const loadShortcuts = async () => (await Promise.all([import("./shortcut-list"), loadArea("palette")]))[0];
const Palette = lazy(loadPalette);
const ShortcutList = lazy(loadShortcuts);

const isApple = /mac|iphone|ipad/iu.test(navigator.userAgent);

/** Opens the palette; with its keys, and those of the list of all keys. */
export function SearchButton() {
  const t = useText("shell");
  const shown = useSyncExternalStore(overlay.subscribe, overlay.get);
  const toggle = (one: "palette" | "shortcuts") => () => overlay.set(overlay.get() === one ? null : one);
  const group = t("anywhere");
  useShortcuts([
    { keys: "mod+k", label: t("search"), group, run: toggle("palette") },
    { keys: "?", label: t("shortcuts"), group, run: toggle("shortcuts") },
  ]);
  const close = () => overlay.set(null);
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-keyshortcuts={isApple ? "Meta+K" : "Control+K"}
        onClick={toggle("palette")}
        onPointerEnter={() => void loadPalette()}
        onFocus={() => void loadPalette()}
        className="text-muted inline-flex min-h-9 items-center gap-2 rounded-lg border border-transparent px-2.5 hover:bg-hover hover:text-ink lg:border-line lg:bg-canvas"
      >
        <Search aria-hidden size={16} />
        <span className="sr-only lg:not-sr-only">{t("search")}</span>
        <kbd className="hidden font-mono text-xs lg:inline">{isApple ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      <Suspense fallback={<Opening label={t("search")} />}>
        {shown === "palette" && <Palette onClose={close} />}
        {shown === "shortcuts" && <ShortcutList onClose={close} />}
      </Suspense>
    </>
  );
}

/** Keeps the keys from the page until what was called for is there. */
function Opening({ label }: { label: string }) {
  const open = useCallback((dialog: HTMLDialogElement | null) => {
    if (dialog && !dialog.open) dialog.showModal();
  }, []);
  return (
    <dialog
      ref={open}
      aria-label={label}
      className="mx-auto mt-[12dvh] w-[min(40rem,calc(100vw-2rem))] rounded-xl bg-raised p-4"
    >
      <div className="skeleton h-5" />
    </dialog>
  );
}
