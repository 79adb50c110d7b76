import { Eye, Pencil } from "lucide-react";
import { useText } from "@/i18n/text";
import { isAgent, useMe } from "@/session/session";
import { Avatar } from "@/ui/avatar";
import { cx } from "@/ui/classes";
import { useShown } from "./view";
import { useViewers } from "./use-viewers";

/** Who else has the ticket open. Whoever edits is told of loudly. */
export function Viewers({ isEditing }: { isEditing: boolean }) {
  const t = useText("ticket");
  const me = useMe();
  const { known } = useShown();
  const others = useViewers(known.id, isEditing).filter(({ id }) => id !== me.id);
  if (!isAgent(me) || others.length === 0) return null;
  const isContended = others.some(({ state }) => state === "editing");
  return (
    <ul
      aria-label={t("viewers")}
      className={cx(
        "flex flex-wrap gap-x-4 gap-y-2 rounded-xl border px-4 py-2",
        isContended ? "border-warning bg-warning-soft" : "border-line bg-surface",
      )}
    >
      {others.map(({ id, name, state }) => (
        <li key={id} className="flex items-center gap-2">
          <Avatar name={name} className="size-6" />
          <span className={state === "editing" ? "font-medium" : "text-muted"}>
            {t(`viewer.${state}`, { name })}
          </span>
          {state === "editing" && <Pencil aria-hidden size={14} className="text-warning" />}
          {state === "viewing" && <Eye aria-hidden size={14} className="text-muted" />}
        </li>
      ))}
    </ul>
  );
}
