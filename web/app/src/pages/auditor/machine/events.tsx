import { memo, useEffect, useRef } from "react";
import type { HistoryStep } from "@/api/schema";
import { useText } from "@/i18n/text";
import { Section } from "@/ui/card";
import { cx } from "@/ui/classes";
import { Moment } from "@/ui/time";
import { useDuration } from "../duration";
import { isJump, kindOf, pauseBefore } from "./film";
import { KindMark } from "./mark";
import { useTold } from "./told";

/** The film as a list: what the slider shows in a picture, in words. */
export function Events({
  steps,
  index,
  onSeek,
}: {
  steps: readonly HistoryStep[];
  index: number;
  onSeek: (index: number) => void;
}) {
  const t = useText("auditor");
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    // The list scrolls, and never the page.
    const { current } = list;
    const item = current?.children[index];
    if (!current || !(item instanceof HTMLElement)) return;
    const above = item.offsetTop - current.scrollTop;
    if (above < 0 || above + item.offsetHeight > current.clientHeight) {
      current.scrollTop = item.offsetTop - current.clientHeight / 2;
    }
  }, [index]);
  return (
    <Section title={t("machine.events")}>
      <ol ref={list} className="relative -m-2 flex max-h-96 flex-col gap-0.5 overflow-y-auto p-2">
        {steps.map((step, at) => (
          <EventRow
            key={step.eventId}
            step={step}
            at={at}
            pause={isJump(steps, at) ? pauseBefore(steps, at) : 0}
            isCurrent={at === index}
            onSeek={onSeek}
          />
        ))}
      </ol>
    </Section>
  );
}

/** One of perhaps thousands: drawn anew only if it becomes the present one, or ceases to be. */
const EventRow = memo(function EventRow({
  step,
  at,
  pause,
  isCurrent,
  onSeek,
}: {
  step: HistoryStep;
  at: number;
  pause: number;
  isCurrent: boolean;
  onSeek: (index: number) => void;
}) {
  const t = useText("auditor");
  const told = useTold();
  const duration = useDuration();
  return (
    <li>
      {pause > 0 && (
        <p className="px-2 py-1 text-xs text-muted">⋯ {t("machine.later", { pause: duration(pause) })}</p>
      )}
      <button
        type="button"
        id={`event-${step.version}`}
        aria-current={isCurrent ? "step" : undefined}
        onClick={() => onSeek(at)}
        className={cx(
          "flex w-full items-start gap-2 rounded-lg px-2 py-1.5 text-start",
          isCurrent ? "bg-selected" : "hover:bg-hover",
        )}
      >
        <KindMark kind={kindOf(step)} className="mt-1" />
        <span className="min-w-0 flex-1">
          <span dir="auto" className="line-clamp-2">
            {told(step)}
          </span>
          <span className={cx("text-xs", isCurrent ? "text-ink" : "text-muted")}>
            <Moment at={step.occurredAt} />
          </span>
        </span>
      </button>
    </li>
  );
});
