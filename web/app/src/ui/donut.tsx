import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { PRIORITIES, type Priority } from "./badge";
import { cx } from "./classes";
import { type ByPriority, type Part, partsOf } from "./parts";
import { TwinTable } from "./twin-table";

const STROKES: Record<Priority, string> = {
  CRITICAL: "stroke-chart-critical",
  HIGH: "stroke-chart-high",
  MEDIUM: "stroke-chart-medium",
  LOW: "stroke-chart-low",
};
const FILLS: Record<Priority, string> = {
  CRITICAL: "fill-chart-critical",
  HIGH: "fill-chart-high",
  MEDIUM: "fill-chart-medium",
  LOW: "fill-chart-low",
};
/** A shape of its own for each, in the ring and in the legend: colours alone tell nothing. Around 0, 0. */
const SHAPES: Record<Priority, string> = {
  CRITICAL: "M0-4.6 4.6 3.6H-4.6Z",
  HIGH: "M0-4.4 4.4 0 0 4.4-4.4 0Z",
  MEDIUM: "M-3.6 0a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0-7.2 0Z",
  LOW: "M-3.2-3.2H3.2V3.2H-3.2Z",
};

const RADIUS = 40;
const AROUND = 2 * Math.PI * RADIUS;
/** Between two parts. */
const GAP = 2;
/** A part that is smaller than this has no room for its shape. */
const SHAPE_FROM = 0.08;

/** A ring of tickets by priority with its total in the middle, and the same as a table. */
export function Donut({
  title,
  total,
  counts,
  asTable,
}: {
  title: string;
  total: number;
  counts: ByPriority;
  asTable: boolean;
}) {
  const t = useText("common");
  const format = useFormats();
  const parts = partsOf(counts);
  return (
    <div data-donut>
      {!asTable && (
        <div aria-hidden className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <svg viewBox="0 0 100 100" className="size-24 shrink-0">
            <circle
              cx="50"
              cy="50"
              r={RADIUS}
              fill="none"
              strokeWidth="14"
              className={cx("stroke-sunken", parts.length > 0 && "opacity-0")}
            />
            {parts.map((part) => (
              <Arc
                key={part.priority}
                part={part}
                name={`${t(`priority.${part.priority}`)}: ${format.number(part.n)} (${format.percent(part.share)})`}
              />
            ))}
            <text
              x="50"
              y="50"
              textAnchor="middle"
              dominantBaseline="central"
              className="fill-ink tabular text-xl font-semibold"
            >
              {format.number(total)}
            </text>
          </svg>
          <ul className="flex flex-col gap-0.5 text-xs">
            {parts.map(({ priority, n }) => (
              <li key={priority} className="flex items-center gap-1.5 whitespace-nowrap">
                <svg viewBox="-5 -5 10 10" className={cx("size-2.5", FILLS[priority])}>
                  <path d={SHAPES[priority]} />
                </svg>
                <span>
                  {t(`priority.${priority}`)}: <b className="tabular font-semibold">{format.number(n)}</b>
                </span>
              </li>
            ))}
            {parts.length === 0 && <li className="text-muted">{t("chart.nothing")}</li>}
          </ul>
        </div>
      )}
      <TwinTable
        caption={title}
        isShown={asTable}
        columns={[t("field.priority"), t("chart.tickets")]}
        rows={[
          ...PRIORITIES.map(
            (priority) => [t(`priority.${priority}`), format.number(counts[priority] ?? 0)] as const,
          ),
          [t("chart.total"), format.number(total)],
        ]}
      />
    </div>
  );
}

function Arc({ part: { priority, from, share, n }, name }: { part: Part; name: string }) {
  const length = share === 1 ? AROUND : Math.max(1, share * AROUND - GAP);
  const middle = (from + share / 2) * 2 * Math.PI - Math.PI / 2;
  const x = 50 + RADIUS * Math.cos(middle);
  const y = 50 + RADIUS * Math.sin(middle);
  return (
    <g data-priority={priority} data-n={n}>
      <title>{name}</title>
      <circle
        cx="50"
        cy="50"
        r={RADIUS}
        fill="none"
        strokeWidth="14"
        strokeDasharray={`${length} ${AROUND - length}`}
        transform={`rotate(${from * 360 - 90} 50 50)`}
        className={STROKES[priority]}
      />
      {share >= SHAPE_FROM && (
        <path d={SHAPES[priority]} transform={`translate(${x} ${y})`} className="fill-surface" />
      )}
    </g>
  );
}
