import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import type { HistoryStep } from "@/api/schema";
import { Section } from "@/ui/card";
import { useDuration } from "../duration";
import { useFieldName, useValueText } from "../value";
import { WordDiff } from "../words";
import { kindOf, LONG_PAUSE_MS, pauseBefore } from "./film";
import { KindMark } from "./mark";
import { useDoer, useTold } from "./told";

const TEXTS = new Set(["title", "description"]);
/** What the picture shows whole already. */
const SHOWN_IN_PICTURE = new Set(["comment", "attachment"]);

/** What the event changed, from what to what; who did it, when, and by which command. */
export function Happened({ steps, index }: { steps: readonly HistoryStep[]; index: number }) {
  const t = useText("auditor");
  const format = useFormats();
  const duration = useDuration();
  const told = useTold();
  const doer = useDoer();
  const step = steps[index];
  if (!step) return null;
  const pause = pauseBefore(steps, index);
  const kind = kindOf(step);
  const { command } = step;
  return (
    <Section title={t("machine.happened", { n: index + 1, of: steps.length })}>
      <div className="flex flex-col gap-4">
        {pause >= LONG_PAUSE_MS && (
          <p
            key={index}
            className="flex items-center gap-2 border-y border-dashed border-line-strong py-1.5 text-muted"
          >
            <span aria-hidden>⋯</span>
            {t("machine.later", { pause: duration(pause) })}
          </p>
        )}
        <p id="film-told" className="flex items-start gap-2 text-base font-medium">
          <KindMark kind={kind} className="mt-1.5" />
          <span dir="auto">{told(step)}</span>
        </p>
        {kind !== "begin" && <Changes step={step} />}
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
          <dt className="text-muted">{t("step.when")}</dt>
          <dd>
            <time dateTime={step.occurredAt}>
              {format.date(step.occurredAt)} {format.time(step.occurredAt)}
            </time>
          </dd>
          {index > 0 && pause < LONG_PAUSE_MS && (
            <>
              <dt className="text-muted">{t("step.after")}</dt>
              <dd>{duration(pause)}</dd>
            </>
          )}
          <dt className="text-muted">{t("step.by")}</dt>
          <dd>
            <bdi>{doer(step)}</bdi>
          </dd>
          <dt className="text-muted">{t("step.origin")}</dt>
          <dd>{command.origin}</dd>
          <dt className="text-muted">{t("step.position")}</dt>
          <dd className="tabular">{format.number(step.position)}</dd>
        </dl>
        <details>
          <summary className="text-muted">{t("step.ids")}</summary>
          <dl className="mt-2 flex flex-col gap-1.5 text-xs">
            <Id name={t("step.type")} id={step.type} />
            <Id name={t("step.event")} id={step.eventId} />
            <Id name={t("step.command")} id={command.id} />
            <Id name={t("step.request")} id={command.correlationId} />
            {command.causationId && <Id name={t("step.cause")} id={command.causationId} />}
            {step.actor.id && <Id name={t("step.account")} id={step.actor.id} />}
          </dl>
        </details>
      </div>
    </Section>
  );
}

function Changes({ step }: { step: HistoryStep }) {
  const t = useText("auditor");
  const fieldName = useFieldName();
  const value = useValueText();
  const shown = step.changes.filter(({ field }) => !SHOWN_IN_PICTURE.has(field));
  if (shown.length === 0) return null;
  return (
    <ul aria-label={t("machine.changes")} className="flex flex-col gap-2">
      {shown.map(({ field, from, to }) => (
        <li key={field} className="flex flex-col gap-0.5 rounded-lg bg-sunken px-3 py-2">
          <span className="text-xs font-semibold text-muted">{fieldName(field)}</span>
          {TEXTS.has(field) && typeof from === "string" && typeof to === "string" ? (
            <WordDiff before={from} after={to} />
          ) : (
            <span className="flex flex-wrap items-center gap-x-2">
              <bdi className="text-muted line-through">{value(field, from)}</bdi>
              <span aria-hidden className="rtl:-scale-x-100">
                →
              </span>
              <span className="sr-only">{t("diff.to")}</span>
              <bdi className="font-medium">{value(field, to)}</bdi>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Id({ name, id }: { name: string; id: string }) {
  return (
    <div>
      <dt className="text-muted">{name}</dt>
      <dd className="font-mono break-all">{id}</dd>
    </div>
  );
}
