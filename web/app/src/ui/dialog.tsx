import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef } from "react";
import { useText } from "@/i18n/text";
import { IconButton } from "./button";
import { cx } from "./classes";

/** A native modal dialog: focus goes in, stays in, and comes back; Escape closes it. */
export function Dialog({
  title,
  isOpen,
  onClose,
  className,
  children,
}: {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  className?: string;
  children: ReactNode;
}) {
  const t = useText("common");
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    if (!shown) return;
    if (isOpen && !shown.open) shown.showModal();
    if (!isOpen && shown.open) shown.close();
    // After each change: whoever closes one step by Escape may be shown the one before in its place.
  });
  // Taken away while it is open, it gives the focus back all the same.
  useLayoutEffect(() => {
    const shown = dialog.current;
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={() => !dialog.current?.open && onClose()}
      // Beside the dialog is its backdrop.
      onPointerDown={(event) => event.target === dialog.current && dialog.current?.close()}
      className={cx(
        "m-auto w-[min(36rem,calc(100vw-2rem))] rounded-xl bg-raised p-0 text-ink shadow-float border border-line",
        className,
      )}
    >
      {isOpen && (
        <div className="flex flex-col gap-4 p-5">
          <div className="flex items-start justify-between gap-4">
            <h2 id={id} className="text-lg font-semibold">
              {title}
            </h2>
            <IconButton label={t("close")} icon={X} onClick={onClose} className="-mt-1 -me-1" />
          </div>
          {children}
        </div>
      )}
    </dialog>
  );
}
