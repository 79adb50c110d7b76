import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { answer, api } from "@/api/client";
import type { ParkedDelivery, Reactor } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { useMe } from "@/session/session";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { ErrorState, Skeleton } from "@/ui/states";
import { Moment } from "@/ui/time";
import { Confirm, type Deed } from "./confirm";
import { parkedDeliveriesQuery, reactorsQuery } from "./queries";

/** What happens outside of the database because of an event: mail. */
export function Reactors() {
  const t = useText("operator");
  const { data, error, refetch } = useQuery(reactorsQuery);
  return (
    <section aria-label={t("reactors")} className="flex flex-col gap-3">
      <h2 className="text-lg font-semibold">{t("reactors")}</h2>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <Skeleton lines={3} />}
      {data?.map((reactor) => (
        <OneReactor key={reactor.name} reactor={reactor} />
      ))}
    </section>
  );
}

function OneReactor({ reactor }: { reactor: Reactor }) {
  const t = useText("operator");
  const format = useFormats();
  const { name, lag, waiting, waitingSince, parked, lastError, movedAt, position } = reactor;
  const figures = [
    [t("figure.position"), format.number(position)],
    [t("figure.lag"), lag === 0 ? t("figure.noLag") : t("reactor.behind", { n: lag })],
    [t("reactor.waiting"), format.number(waiting)],
    [t("reactor.parked"), format.number(parked)],
  ] as const;
  return (
    <Card className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="text-base font-semibold">{name}</h3>
        {lastError ? (
          <Badge tone="danger">{t("reactor.stopped")}</Badge>
        ) : (
          <Badge tone={parked > 0 ? "warning" : "success"}>
            {t(parked > 0 ? "reactor.hasParked" : "health.well")}
          </Badge>
        )}
        <span className="ms-auto text-xs text-muted">
          {t("reactor.moved")} <Moment at={movedAt} isRelative />
        </span>
      </div>
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt className="text-xs text-muted">{label}</dt>
            <dd className="tabular font-medium">{value}</dd>
          </div>
        ))}
      </dl>
      {waitingSince && (
        <p className="text-muted">
          {t("reactor.since")} <Moment at={waitingSince} isRelative />
        </p>
      )}
      {lastError && (
        <p role="alert" className="text-danger">
          <bdi>{lastError}</bdi>
        </p>
      )}
      {parked > 0 && <Deliveries name={name} parked={parked} />}
    </Card>
  );
}

function Deliveries({ name, parked }: { name: string; parked: number }) {
  const t = useText("operator");
  const { role } = useMe();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(parkedDeliveriesQuery(name, parked));
  const [deed, setDeed] = useState<Deed | null>(null);
  const mayOperate = role === "OPERATOR";
  const refresh = () =>
    queries.invalidateQueries({
      predicate: ({ queryKey }) => String(queryKey[0]).startsWith("ops.reactors"),
    });
  const retry = async (id: string | null) => {
    const path = { name, id: id ?? "" };
    await answer(
      id === null
        ? api.POST("/api/ops/reactors/{name}/parked/retry", { params: { path: { name } } })
        : api.POST("/api/ops/reactors/{name}/parked/{id}/retry", { params: { path } }),
    );
    await refresh();
  };
  const ask = (id: string | null) =>
    setDeed({
      title: t(id === null ? "reactor.retryAllTitle" : "reactor.retryTitle"),
      happens: t("reactor.retryHappens"),
      undo: t("reactor.retryUndo"),
      go: t(id === null ? "reactor.retryAll" : "retry"),
      run: () => retry(id),
    });
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h4 className="font-semibold">{t("reactor.givenUp")}</h4>
        {mayOperate && (
          <Button icon={RotateCcw} onClick={() => ask(null)}>
            {t("reactor.retryAll")}
          </Button>
        )}
      </div>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      <ul className="flex flex-col divide-y divide-line">
        {data?.map((delivery) => (
          <li key={delivery.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
            <Delivery delivery={delivery} />
            {mayOperate && (
              <Button look="quiet" className="ms-auto" onClick={() => ask(delivery.id)}>
                {t("retry")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Confirm deed={deed} onClose={() => setDeed(null)} />
    </div>
  );
}

function Delivery({ delivery }: { delivery: ParkedDelivery }) {
  const t = useText("operator");
  const format = useFormats();
  const { kind, error, attempts, parkedAt, id, position } = delivery;
  return (
    <div className="min-w-0">
      <p>
        <span className="font-medium">{kind}</span> · <bdi className="text-danger">{error}</bdi>
      </p>
      <p className="text-xs text-muted">
        {t("reactor.tries", { n: attempts })} · <Moment at={parkedAt} />
        {typeof position === "number" && ` · ${t("figure.position")} ${format.number(position)}`}
      </p>
      <p className="font-mono text-xs break-all text-muted">{id}</p>
    </div>
  );
}
