import { TriangleAlert } from "lucide-react";
import type { Build, TableDifference } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";

/** In what the next generation differs from the live one: tables, columns, keys and counts, and no contents. */
export function Differences({ build }: { build: Build }) {
  const t = useText("operator");
  return (
    <div className="flex flex-col gap-3">
      <p className="flex items-start gap-2 rounded-lg bg-warning-soft px-3 py-2 text-warning">
        <TriangleAlert aria-hidden size={18} className="mt-0.5 shrink-0" />
        {t("build.different", { generation: build.generation })}
      </p>
      {build.differences.map((table) => (
        <Table key={table.table} table={table} />
      ))}
    </div>
  );
}

function Table({ table }: { table: TableDifference }) {
  const t = useText("operator");
  const format = useFormats();
  return (
    <div className="flex flex-col gap-2">
      <h3 className="font-mono font-semibold">{table.table}</h3>
      <p className="text-muted">
        {t("diff.rows", {
          live: format.number(table.rowsOnlyLive),
          next: format.number(table.rowsOnlyNext),
        })}
      </p>
      {table.columns.length > 0 && (
        <ul aria-label={t("diff.columns")} className="flex flex-wrap gap-2">
          {table.columns.map(({ column, rows }) => (
            <li key={column} className="rounded-md bg-sunken px-2 py-0.5 text-xs">
              <code>{column}</code> · {t("diff.inRows", { n: rows })}
            </li>
          ))}
        </ul>
      )}
      {table.samples.length > 0 && (
        <details>
          <summary className="text-muted">{t("diff.samples", { n: table.samples.length })}</summary>
          <ul className="mt-2 flex flex-col gap-1.5">
            {table.samples.map((row) => (
              <li key={row.key.join("/")} className="text-xs">
                <code className="break-all">{row.key.join(" / ")}</code>{" "}
                <span className="text-muted">
                  {row.only === "live" || row.only === "next"
                    ? t(`diff.only.${row.only}`)
                    : row.columns.join(", ")}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
