import { useQuery } from "@tanstack/react-query";
import type { Stats } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Section } from "@/ui/card";
import { ErrorState, Skeleton } from "@/ui/states";
import { figuresQuery } from "../queries";

const FIGURES = [
  "totalTickets",
  "openTickets",
  "inProgressTickets",
  "waitingTickets",
  "resolvedTickets",
  "closedTickets",
  "unassignedTickets",
  "criticalTickets",
  "highPriorityTickets",
  "avgResolutionTime",
] as const satisfies readonly (keyof Stats)[];

/** The desk's figures at a moment. */
export function Figures({ at }: { at: string | undefined }) {
  const t = useText("auditor");
  const format = useFormats();
  const { data, error, refetch } = useQuery(figuresQuery(at));
  const say = (name: (typeof FIGURES)[number], value: number | null | undefined) => {
    if (value === null || value === undefined) return t("value.nothing");
    return name === "avgResolutionTime"
      ? t("figure.hours", { h: format.number(value, 1) })
      : format.number(value);
  };
  return (
    <Section title={t("past.figures")}>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <Skeleton lines={2} />}
      {data && (
        <dl className="grid grid-cols-2 sm:grid-cols-5 gap-3">
          {FIGURES.map((name) => (
            <div key={name} id={`figure-${name}`} className="flex flex-col-reverse justify-end">
              <dt className="text-xs text-muted">{t(`figure.${name}`)}</dt>
              <dd className="tabular text-lg font-semibold">{say(name, data[name])}</dd>
            </div>
          ))}
        </dl>
      )}
    </Section>
  );
}
