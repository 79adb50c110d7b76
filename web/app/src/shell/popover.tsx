import { type ReactNode, useEffect, useRef, useState } from "react";

/** A popover of the browser's own under the header: Escape and a click beside it close it. Its contents come with it. */
export function Popover({ id, name, children }: { id: string; name: string; children: ReactNode }) {
  const popover = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [top, setTop] = useState(0);
  useEffect(() => {
    const shown = popover.current;
    const toggled = (event: Event) => {
      setOpen((event as ToggleEvent).newState === "open");
      // The header has one line or two.
      const opener = document.querySelector(`[popovertarget="${id}"]`);
      if (opener) setTop(Math.round(opener.getBoundingClientRect().bottom) + 8);
    };
    // Whoever follows a link in it is somewhere else.
    const followed = (event: MouseEvent) => {
      if (event.target instanceof Element && event.target.closest("a")) shown?.hidePopover();
    };
    shown?.addEventListener("beforetoggle", toggled);
    shown?.addEventListener("click", followed);
    return () => {
      shown?.removeEventListener("beforetoggle", toggled);
      shown?.removeEventListener("click", followed);
    };
  }, [id]);
  return (
    <div
      ref={popover}
      id={id}
      popover="auto"
      role="group"
      aria-label={name}
      style={{ top }}
      className="fixed inset-auto end-4 m-0 max-h-[calc(100dvh-8rem)] w-[min(24rem,calc(100vw-2rem))] overflow-y-auto rounded-xl border border-line bg-raised p-4 text-ink shadow-float"
    >
      {isOpen && children}
    </div>
  );
}
