import { type KeyboardEvent, useMemo } from "react";
import type { HistoryStep } from "@/api/schema";
import { useText } from "@/i18n/text";
import { useDuration } from "../duration";
import { KINDS, kindOf, marksOf } from "./film";
import { KindMark } from "./mark";
import "./timeline.css";

/** More marks than this would be one grey line. */
const MARKS_MAX = 240;
/** As many labels of pauses have room beside each other. */
const LABELS_MAX = 6;

/** A slider with a notch for each event, and above it what kind each is and how much time lies between. */
export function Timeline({
  steps,
  index,
  valueText,
  onSeek,
  onSpace,
}: {
  steps: readonly HistoryStep[];
  index: number;
  valueText: string;
  onSeek: (index: number) => void;
  onSpace: () => void;
}) {
  const t = useText("auditor");
  const duration = useDuration();
  const marks = useMemo(() => marksOf(steps, MARKS_MAX), [steps]);
  const last = Math.max(1, steps.length - 1);
  const place = (at: number) => `${(at / last) * 100}%`;
  const pauses = marks.filter(({ pause }) => pause > 0);
  const labelled = new Set(
    [...pauses].toSorted((one, other) => other.pause - one.pause).slice(0, LABELS_MAX),
  );
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== " ") return;
    event.preventDefault();
    onSpace();
  };
  return (
    <div className="timeline">
      <div aria-hidden className="timeline-marks">
        {pauses.map((mark) => (
          <span
            key={mark.index}
            className="timeline-gap"
            style={{ insetInlineStart: place(Math.max(0, mark.index - 0.5)) }}
          >
            {labelled.has(mark) && <span>{duration(mark.pause, "narrow")}</span>}
          </span>
        ))}
        {marks.map((mark) => (
          <span
            key={mark.index}
            className="timeline-mark"
            data-at={index >= mark.index && index < mark.index + mark.events ? "now" : undefined}
            style={{ insetInlineStart: place(mark.index) }}
          >
            <KindMark kind={mark.kind} />
          </span>
        ))}
      </div>
      <input
        id="film-slider"
        type="range"
        min={1}
        max={Math.max(1, steps.length)}
        step={1}
        value={index + 1}
        aria-label={t("machine.slider")}
        aria-valuetext={valueText}
        onChange={(event) => onSeek(Number(event.target.value) - 1)}
        onKeyDown={pressed}
      />
    </div>
  );
}

/** What the marks mean: those kinds that there are. */
export function Legend({ steps }: { steps: readonly HistoryStep[] }) {
  const t = useText("auditor");
  const present = useMemo(() => new Set(steps.map(kindOf)), [steps]);
  return (
    <ul aria-label={t("machine.legend")} className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {KINDS.filter((kind) => present.has(kind)).map((kind) => (
        <li key={kind} className="flex items-center gap-1.5">
          <KindMark kind={kind} />
          {t(`kind.${kind}`)}
        </li>
      ))}
    </ul>
  );
}
