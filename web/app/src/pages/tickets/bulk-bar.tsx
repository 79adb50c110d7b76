import { X } from "lucide-react";
import { useText } from "@/i18n/text";
import { Button, IconButton } from "@/ui/button";
import type { TriageField } from "./triage";
import type { Selection } from "./use-selection";
import { KEEPS_ROW } from "./use-target";

const FIELDS: readonly TriageField[] = ["status", "priority", "assignee"];

/** What can be done with the selected tickets together. */
export function BulkBar({
  selection,
  openMenu,
}: {
  selection: Selection;
  openMenu: (field: TriageField, anchor: Element) => void;
}) {
  const t = useText("tickets");
  const common = useText("common");
  const { length } = selection.tickets;
  return (
    <div className="pointer-events-none sticky bottom-4 z-20 flex justify-center empty:hidden">
      {length > 0 && (
        <div
          role="toolbar"
          aria-label={t("selected", { n: length })}
          {...{ [KEEPS_ROW]: "" }}
          className="pointer-events-auto flex flex-wrap items-center gap-2 rounded-xl border border-line bg-raised p-2 ps-4 shadow-float"
        >
          <span className="font-medium">{t("selected", { n: length })}</span>
          {FIELDS.map((field) => (
            <Button
              key={field}
              aria-haspopup="menu"
              onClick={(event) => openMenu(field, event.currentTarget)}
            >
              {common(`field.${field}`)}
            </Button>
          ))}
          <IconButton label={t("clear")} icon={X} onClick={selection.clear} />
        </div>
      )}
    </div>
  );
}
