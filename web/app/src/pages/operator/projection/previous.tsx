import type { Projection } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { type Ask, useDeeds } from "./deeds";

/** The generation before the live one: the way back. */
export function PreviousPanel({ projection, ask }: { projection: Projection; ask: Ask }) {
  const t = useText("operator");
  const format = useFormats();
  const deeds = useDeeds(projection.name);
  const previous = projection.previous ?? null;
  return (
    <Section title={t("previous.title")}>
      {!previous && <p className="text-muted">{t("previous.none")}</p>}
      {previous && (
        <div className="flex flex-col gap-3">
          <p id="previous">
            {t("previous.is", {
              generation: format.number(previous.generation),
              version: format.number(previous.version),
              position: format.number(previous.position),
            })}
          </p>
          <p className="text-muted">{t(previous.keptCurrent ? "previous.kept" : "previous.still")}</p>
          {ask && (
            <div className="flex flex-wrap gap-2">
              <Button id="rollback" onClick={() => ask(deeds.rollback)}>
                {t("rollback.go")}
              </Button>
              <Button id="drop-old" look="quiet" onClick={() => ask(deeds.dropOld)}>
                {t("drop.go")}
              </Button>
            </div>
          )}
        </div>
      )}
    </Section>
  );
}
