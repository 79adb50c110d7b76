import { CircleCheck } from "lucide-react";
import type { Projection } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { Moment } from "@/ui/time";
import { type Ask, useDeeds } from "./deeds";

/** Streams that wait because one of their events could not be applied. */
export function ParkedPanel({ projection, ask }: { projection: Projection; ask: Ask }) {
  const t = useText("operator");
  const format = useFormats();
  const deeds = useDeeds(projection.name);
  const { parked } = projection;
  return (
    <Section title={t("parked.title")}>
      {parked.length === 0 && (
        <p className="flex items-center gap-2 text-muted">
          <CircleCheck aria-hidden size={18} className="text-success" />
          {t("parked.none")}
        </p>
      )}
      {parked.length > 0 && (
        <>
          <p className="mb-3 text-muted">{t("parked.help")}</p>
          <ul aria-label={t("parked.title")} className="flex flex-col divide-y divide-line">
            {parked.map((one) => (
              <li key={one.stream} className="flex flex-wrap items-center gap-3 py-3">
                <div className="min-w-0 flex-1">
                  <p className="font-medium">
                    {one.category} <code className="font-mono text-xs break-all">{one.stream}</code>
                  </p>
                  <p className="text-muted">
                    {t("parked.at", {
                      type: one.type,
                      version: format.number(one.version),
                      position: format.number(one.position),
                    })}{" "}
                    · <bdi className="text-danger">{one.reason}</bdi> · <Moment at={one.since} isRelative />
                  </p>
                </div>
                {ask && (
                  <div className="flex gap-2">
                    <Button onClick={() => ask(deeds.retry(one.stream))}>{t("retry")}</Button>
                    <Button look="quiet" onClick={() => ask(deeds.skip(one.stream))}>
                      {t("parked.skip")}…
                    </Button>
                  </div>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}
