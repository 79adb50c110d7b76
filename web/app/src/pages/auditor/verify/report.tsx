import { CircleCheck, CircleMinus, CircleX, type LucideIcon, TriangleAlert } from "lucide-react";
import type { Finding, Outcome, Report as ReportMade, Section as SectionMade } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { cx } from "@/ui/classes";

const ICONS: Record<Outcome, LucideIcon> = {
  clean: CircleCheck,
  findings: TriangleAlert,
  failed: CircleX,
  skipped: CircleMinus,
};
const COLOURS: Record<Outcome, string> = {
  clean: "text-success",
  findings: "text-danger",
  failed: "text-danger",
  skipped: "text-muted",
};
const GROUNDS: Record<Outcome, string> = {
  clean: "border-success bg-success-soft",
  findings: "border-danger bg-danger-soft",
  failed: "border-danger bg-danger-soft",
  skipped: "border-line bg-surface",
};
const SECTIONS = ["chain", "versions", "checkpoints", "readModels", "signedHeads", "attachments"] as const;
type SectionName = (typeof SECTIONS)[number];

const isSection = (name: string): name is SectionName => SECTIONS.some((one) => one === name);

const UNITS = ["events", "checkpoints", "rows", "heads", "files"] as const;
const isUnit = (unit: string): unit is (typeof UNITS)[number] => UNITS.some((one) => one === unit);

export function useSectionName(): (name: string) => string {
  const t = useText("auditor");
  return (name) => (isSection(name) ? t(`section.${name}`) : name);
}

export function useOutcomeText(): (outcome: Outcome) => string {
  const t = useText("auditor");
  return (outcome) => t(`outcome.${outcome}`);
}

/** What a verification came to: each kind of check, and what was found, by place, key and hash. */
export function Report({ report }: { report: ReportMade }) {
  const t = useText("auditor");
  const format = useFormats();
  const outcome = useOutcomeText();
  const Icon = ICONS[report.outcome];
  return (
    <section aria-label={t("verify.report")} className="flex flex-col gap-4">
      <div
        id="verify-outcome"
        data-outcome={report.outcome}
        className={cx("flex items-start gap-3 rounded-xl border p-4", GROUNDS[report.outcome])}
      >
        <Icon aria-hidden size={28} className={cx("shrink-0", COLOURS[report.outcome])} />
        <div className="min-w-0">
          <h2 className="text-lg font-semibold">{outcome(report.outcome)}</h2>
          <p>
            {t("verify.scope", {
              since: format.number(report.since),
              head: format.number(report.head),
              seconds: format.number(report.seconds, 2),
            })}
          </p>
          <p className="mt-1 text-xs">
            {t("verify.headHash")} <code className="font-mono break-all">{report.headHash}</code>
          </p>
        </div>
      </div>
      <ul className="flex flex-col gap-3">
        {report.sections.map((section) => (
          <li key={section.name}>
            <Checked section={section} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Checked({ section }: { section: SectionMade }) {
  const t = useText("auditor");
  const format = useFormats();
  const sectionName = useSectionName();
  const outcome = useOutcomeText();
  const Icon = ICONS[section.outcome];
  const { name, findings, more, notes, unit, checked } = section;
  return (
    <Card className="flex flex-col gap-2 p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Icon aria-hidden size={20} className={cx("shrink-0", COLOURS[section.outcome])} />
        <h3 className="font-semibold">{sectionName(name)}</h3>
        <span className={COLOURS[section.outcome]}>{outcome(section.outcome)}</span>
        <span className="tabular ms-auto text-xs text-muted">
          {t("verify.checked", {
            what: isUnit(unit) ? t(`unit.${unit}`, { n: checked }) : `${format.number(checked)} ${unit}`,
            seconds: format.number(section.seconds, 2),
          })}
        </span>
      </div>
      {isSection(name) && <p className="text-muted">{t(`sectionHelp.${name}`)}</p>}
      {notes.length > 0 && (
        <ul lang="en" dir="ltr" className="list-disc ps-5 text-start text-xs text-muted">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {findings.length > 0 && <Findings findings={findings} label={sectionName(name)} />}
      {more > 0 && <p className="font-medium text-danger">{t("verify.more", { n: more })}</p>}
    </Card>
  );
}

function Findings({ findings, label }: { findings: readonly Finding[]; label: string }) {
  const t = useText("auditor");
  return (
    <ol aria-label={t("verify.findings", { label })} className="flex flex-col gap-2">
      {findings.map((finding, place) => (
        // Two findings may say the same of the same place.
        <li
          key={`${finding.what}-${place}`}
          className="flex flex-col gap-1 rounded-lg border border-line-strong p-3"
        >
          <p className="flex flex-wrap items-center gap-2">
            <Badge tone={finding.grade === "critical" ? "danger" : "warning"}>
              {t(`grade.${finding.grade}`)}
            </Badge>
            <span lang="en" dir="ltr" className="font-medium">
              {finding.what}
            </span>
          </p>
          <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-xs">
            <Place name={t("finding.position")} value={finding.position} />
            <Place name={t("finding.stream")} value={finding.stream} />
            <Place name={t("finding.expected")} value={finding.expected} />
            <Place name={t("finding.found")} value={finding.found} />
          </dl>
        </li>
      ))}
    </ol>
  );
}

function Place({ name, value }: { name: string; value: string | number | null | undefined }) {
  if (value === null || value === undefined) return null;
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="font-mono break-all">{value}</dd>
    </>
  );
}
