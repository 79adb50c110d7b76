import { useState } from "react";
import { useText } from "@/i18n/text";
import { grouped } from "@/lib/grouped";
import { shortcuts } from "@/lib/shortcuts";
import { Dialog } from "@/ui/dialog";
import { Keys } from "@/ui/keys";

/** All keys that do something on this page. */
export default function ShortcutList({ onClose }: { onClose: () => void }) {
  const t = useText("palette");
  // What the page below offers, as it was when the list was opened.
  const [offered] = useState(shortcuts.get);
  const groups = grouped(
    offered.filter(({ keys }, at) => offered.findLastIndex((one) => one.keys === keys) === at),
    ({ group }) => group,
  );
  return (
    <Dialog title={t("keys")} isOpen onClose={onClose} className="w-[min(44rem,calc(100vw-2rem))]">
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        {[...groups].map(([group, keys]) => (
          <section key={group} aria-label={group}>
            <h3 className="mb-1 font-semibold">{group}</h3>
            <dl className="divide-y divide-line">
              {keys.map((one) => (
                <div key={one.keys} className="flex items-center justify-between gap-4 py-1.5">
                  <dt>{one.label}</dt>
                  <dd>
                    <Keys keys={one.keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
