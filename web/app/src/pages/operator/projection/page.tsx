import { useEffect, useRef, useState } from "react";
import { Link, useParams } from "wouter";
import type { Projection } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Section } from "@/ui/card";
import { Page } from "@/ui/page";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { Moment } from "@/ui/time";
import { useMe } from "@/session/session";
import { Confirm, type Deed } from "../confirm";
import { HealthBadge, usePurpose } from "../health";
import { Figures } from "../overview";
import { Sparkline } from "../sparkline";
import { Tabs } from "../tabs";
import { useProjections } from "../use-projections";
import { BuildPanel } from "./build";
import { ParkedPanel } from "./parked";
import { PreviousPanel } from "./previous";

/** A read model: how it is, and what an operator can do with it. */
export default function ProjectionPage() {
  const { name } = useParams<{ name: string }>();
  const t = useText("operator");
  const purpose = usePurpose();
  const { data, error, refetch } = useProjections();
  const projection = data?.find((one) => one.name === name);
  return (
    <Page title={t("model.title", { name })} lead={purpose(name)}>
      <Tabs />
      <Link href="/ops" className="self-start text-link underline">
        {t("model.all")}
      </Link>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <Skeleton lines={6} />}
      {data && !projection && <EmptyState title={t("model.none", { name })} />}
      {projection && <Model projection={projection} />}
    </Page>
  );
}

function Model({ projection }: { projection: Projection }) {
  const t = useText("operator");
  const { role } = useMe();
  const [deed, setDeed] = useState<Deed | null>(null);
  const swapped = useSwap(projection);
  const mayOperate = role === "OPERATOR";
  const ask = mayOperate ? setDeed : null;
  return (
    <>
      {!mayOperate && <p className="text-muted">{t("model.readOnly")}</p>}
      <p
        id="swap-told"
        role="status"
        className={swapped ? "rounded-lg bg-success-soft px-4 py-3 text-success" : "sr-only"}
      >
        {swapped}
      </p>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Section
          title={t("model.state")}
          actions={<HealthBadge health={projection.health} colour={projection.colour} />}
        >
          <div className="flex flex-col gap-4">
            <Figures projection={projection} />
            <Sparkline name={projection.name} />
            {projection.lastError && (
              <p className="text-danger">
                {t("model.lastError")} <bdi>{projection.lastError}</bdi>{" "}
                {projection.lastErrorAt && (
                  <span className="text-muted">
                    <Moment at={projection.lastErrorAt} />
                  </span>
                )}
              </p>
            )}
          </div>
        </Section>
        <div className="flex flex-col gap-5">
          <BuildPanel projection={projection} ask={ask} />
          <PreviousPanel projection={projection} ask={ask} />
        </div>
      </div>
      <ParkedPanel projection={projection} ask={ask} />
      <Confirm deed={deed} onClose={() => setDeed(null)} />
    </>
  );
}

/** Says that another generation has become live while this page was looked at. */
function useSwap({ name, generation }: Projection): string | null {
  const t = useText("operator");
  const format = useFormats();
  const seen = useRef(generation);
  const [told, setTold] = useState<string | null>(null);
  useEffect(() => {
    if (seen.current === generation) return;
    seen.current = generation;
    setTold(t("model.swapped", { name, generation: format.number(generation) }));
    // oxlint-disable-next-line react/exhaustive-deps -- told once, in the language of then
  }, [generation]);
  return told;
}
