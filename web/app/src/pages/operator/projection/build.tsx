import { CircleCheck, CircleDot, CircleDashed } from "lucide-react";
import type { Build, Projection } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { cx } from "@/ui/classes";
import { type Ask, useDeeds } from "./deeds";
import { Differences } from "./differences";

const PHASES = ["fold", "index", "catch-up", "compare", "swap"] as const;

/** The rebuild: how far it is, what it has found, and what can be done. */
export function BuildPanel({ projection, ask }: { projection: Projection; ask: Ask }) {
  const t = useText("operator");
  const deeds = useDeeds(projection.name);
  const build = projection.build ?? null;
  return (
    <Section
      title={t("build.title")}
      actions={
        ask &&
        !build?.running && (
          <Button
            id="rebuild"
            look={build?.different ? "secondary" : "primary"}
            onClick={() => ask(deeds.rebuild)}
          >
            {t(build && !build.different ? "build.goOn" : "rebuild.go")}
          </Button>
        )
      }
    >
      {!build && <p className="text-muted">{t("build.none")}</p>}
      {build && (
        <div className="flex flex-col gap-4">
          {build.running && <Running build={build} />}
          {!build.running && !build.different && (
            <p className="text-warning">{t("build.stopped", { generation: build.generation })}</p>
          )}
          {build.different && <Differences build={build} />}
          {ask && (
            <div className="flex flex-wrap gap-2">
              {build.different && !build.running && (
                <Button id="accept" look="primary" onClick={() => ask(deeds.acceptDiff)}>
                  {t("accept.go")}
                </Button>
              )}
              <Button id="abort" onClick={() => ask(deeds.abort)}>
                {t("abort.go")}
              </Button>
            </div>
          )}
        </div>
      )}
    </Section>
  );
}

function Running({ build }: { build: Build }) {
  const t = useText("operator");
  const format = useFormats();
  const { phase, position, target, rate, secondsLeft, generation } = build;
  const at = PHASES.findIndex((one) => one === phase);
  return (
    <div className="flex flex-col gap-3">
      <label htmlFor="build-progress" className="font-medium">
        {t("build.making", { generation })}
      </label>
      <progress
        id="build-progress"
        className="upload-progress h-2"
        max={Math.max(1, target)}
        value={position}
      />
      <p className="tabular text-muted">
        {t("figure.of", { position: format.number(position), head: format.number(target) })} ·{" "}
        {t("figure.perSecond", { rate: format.number(rate) })}
        {typeof secondsLeft === "number" &&
          ` · ${t("build.left", { seconds: format.number(Math.ceil(secondsLeft)) })}`}
      </p>
      <ol aria-label={t("build.phases")} className="flex flex-col gap-1">
        {PHASES.map((one, index) => {
          const Icon = index < at ? CircleCheck : index === at ? CircleDot : CircleDashed;
          return (
            <li
              key={one}
              aria-current={index === at ? "step" : undefined}
              className={cx(
                "flex items-center gap-2",
                index === at ? "font-medium" : "text-muted",
                index < at && "text-success",
              )}
            >
              <Icon aria-hidden size={16} />
              {t(`phase.${one}`)}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
