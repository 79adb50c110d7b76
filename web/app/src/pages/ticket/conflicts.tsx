import { GitMerge } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useText } from "@/i18n/text";
import { announce } from "@/lib/announce";
import { Button } from "@/ui/button";
import { useFieldNames } from "./names";
import type { Conflict } from "./use-returned";

const ConflictDialog = lazy(() => import("./conflict-dialog"));

/** What others were quicker with: told once by the dialog, and until it is decided on by a line on the page. */
export function Conflicts({
  conflicts,
  edit,
}: {
  conflicts: readonly Conflict[];
  edit: (conflict: Conflict, text: string) => void;
}) {
  const t = useText("ticket");
  const fields = useFieldNames();
  const [isOpen, setOpen] = useState(false);
  const told = useRef(new Set<string>());
  const [first] = conflicts;
  const name = first && `${first.key} ${first.field}`;
  const fieldName = first && fields(first.field);

  useEffect(() => {
    if (name === undefined || told.current.has(name)) return;
    told.current.add(name);
    announce(t("conflict.title", { field: fieldName ?? "" }));
    setOpen(true);
  }, [name, fieldName, t]);

  if (!first) return null;
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 rounded-xl border border-warning bg-warning-soft px-4 py-3">
        <GitMerge aria-hidden size={18} className="shrink-0 text-warning" />
        <p className="min-w-0 flex-1 font-medium">{t("conflict.notice", { field: fields(first.field) })}</p>
        <Button onClick={() => setOpen(true)}>{t("conflict.decide")}</Button>
      </div>
      <Suspense>
        <ConflictDialog
          key={name}
          conflict={first}
          isOpen={isOpen}
          onClose={() => setOpen(false)}
          edit={(text) => edit(first, text)}
        />
      </Suspense>
    </>
  );
}
