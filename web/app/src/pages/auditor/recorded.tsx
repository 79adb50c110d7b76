import { Eye } from "lucide-react";
import { useText } from "@/i18n/text";

/** Says plainly that looking is recorded. */
export function Recorded() {
  const t = useText("auditor");
  return (
    <span className="flex items-start gap-1.5">
      <Eye aria-hidden size={16} className="mt-0.5 shrink-0" />
      {t("recorded")}
    </span>
  );
}
