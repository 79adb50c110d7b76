import { useSyncExternalStore } from "react";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { line, SPAN_MS, trends } from "./trend";

const WIDTH = 160;
const HEIGHT = 28;

/** How far behind it was during the last minutes: a line, and the same in words. */
export function Sparkline({ name }: { name: string }) {
  const t = useText("operator");
  const format = useFormats();
  const samples = useSyncExternalStore(trends.subscribe, trends.get)[name] ?? [];
  const last = samples.at(-1);
  if (!last) return null;
  const most = Math.max(...samples.map(({ lag }) => lag));
  const seen = Math.min(SPAN_MS, last.at - (samples[0]?.at ?? last.at));
  return (
    <div className="flex flex-col gap-1">
      <svg
        aria-hidden
        viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`}
        preserveAspectRatio="none"
        className="h-8 w-full rounded-md bg-sunken rtl:-scale-x-100"
      >
        <polyline
          points={line(samples, last.at, WIDTH, HEIGHT)}
          fill="none"
          strokeWidth="1.5"
          vectorEffect="non-scaling-stroke"
          className={most > 0 ? "stroke-warning" : "stroke-success"}
        />
      </svg>
      <p className="text-xs text-muted">
        {t("trend", { most: format.number(most), n: Math.max(1, Math.round(seen / 60_000)) })}
      </p>
    </div>
  );
}
