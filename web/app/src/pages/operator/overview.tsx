import { Link } from "wouter";
import type { Projection } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { Page } from "@/ui/page";
import { ErrorState, Skeleton } from "@/ui/states";
import { HealthBadge, usePurpose } from "./health";
import { Reactors } from "./reactors";
import { Sparkline } from "./sparkline";
import { Tabs } from "./tabs";
import { useProjections } from "./use-projections";

/** How the desk is doing, as it happens: read models and what happens outside of the database. */
export default function Overview() {
  const t = useText("operator");
  const { data, error, refetch } = useProjections();
  return (
    <Page title={t("title")} lead={t("lead")}>
      <Tabs />
      <section aria-label={t("tab.models")} className="flex flex-col gap-3">
        <h2 className="text-lg font-semibold">{t("tab.models")}</h2>
        {error && <ErrorState error={error} onRetry={() => void refetch()} />}
        {!error && !data && <Skeleton lines={6} />}
        {data && (
          <ul className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
            {data.map((projection) => (
              <li key={projection.name}>
                <Model projection={projection} />
              </li>
            ))}
          </ul>
        )}
      </section>
      <Reactors />
    </Page>
  );
}

function Model({ projection }: { projection: Projection }) {
  const t = useText("operator");
  const purpose = usePurpose();
  const { name, health, colour, parked, build } = projection;
  return (
    <Card className="flex h-full flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="text-base font-semibold">
          <Link id={`model-${name}`} href={`/ops/projections/${name}`} className="text-link hover:underline">
            {name}
          </Link>
        </h3>
        <HealthBadge health={health} colour={colour} />
        {parked.length > 0 && <Badge tone="danger">{t("parkedCount", { n: parked.length })}</Badge>}
        {build?.different && <Badge tone="warning">{t("build.differs")}</Badge>}
        {build?.running && <Badge tone="info">{t("build.running")}</Badge>}
      </div>
      <p className="text-muted">{purpose(name)}</p>
      <Figures projection={projection} />
      <Sparkline name={name} />
    </Card>
  );
}

/** The figures of a read model. */
export function Figures({ projection }: { projection: Projection }) {
  const t = useText("operator");
  const format = useFormats();
  const { position, head, lag, lagSeconds, rate, generation, version, owner, silentSeconds } = projection;
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-2">
      <Figure
        name={t("figure.position")}
        value={t("figure.of", { position: format.number(position), head: format.number(head) })}
      />
      <Figure
        name={t("figure.lag")}
        value={
          lag === 0
            ? t("figure.noLag")
            : t("figure.behind", { n: lag, seconds: format.number(lagSeconds, 1) })
        }
      />
      <Figure name={t("figure.rate")} value={t("figure.perSecond", { rate: format.number(rate, 1) })} />
      <Figure
        name={t("figure.generation")}
        value={t("figure.ofVersion", {
          generation: format.number(generation),
          version: format.number(version),
        })}
      />
      <div className="col-span-2">
        <dt className="text-xs text-muted">{t("figure.owner")}</dt>
        <dd className="break-words">
          <bdi>{owner ?? t("figure.nobody")}</bdi>{" "}
          {owner && (
            <span className="text-xs text-muted">
              {t("figure.silent", { seconds: format.number(silentSeconds, 1) })}
            </span>
          )}
        </dd>
      </div>
    </dl>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="tabular font-medium">{value}</dd>
    </div>
  );
}
