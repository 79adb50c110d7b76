import { ChartPie, Table2 } from "lucide-react";
import { useLocation, useSearch } from "wouter";
import { useText } from "@/i18n/text";
import { Button } from "@/ui/button";

/** Whether figures are shown as tables; it stands in the URL. */
export function useAsTable(): boolean {
  return new URLSearchParams(useSearch()).get("view") === "table";
}

/** Shows all drawings of the page as tables, and back. */
export function ViewToggle() {
  const t = useText("dashboard");
  const asTable = useAsTable();
  const [path, go] = useLocation();
  return (
    <Button
      id="view"
      look="quiet"
      icon={asTable ? ChartPie : Table2}
      onClick={() => go(asTable ? path : `${path}?view=table`, { replace: true })}
    >
      {t(asTable ? "asDrawings" : "asTables")}
    </Button>
  );
}
