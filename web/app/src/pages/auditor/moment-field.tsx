import { type KeyboardEvent, useId, useState } from "react";
import { useText } from "@/i18n/text";
import { useNow } from "@/lib/now";
import { localOf, type Moment, NONE, timeOf } from "./moment";

/**
 * Asks for a moment: none (the beginning, or now), a time, or a position of the log. What is typed holds with Enter, or when
 * the field is left.
 */
export function MomentField({
  id,
  label,
  none,
  value,
  onChange,
}: {
  id: string;
  label: string;
  /** What no moment means. */
  none: string;
  value: Moment;
  onChange: (moment: Moment) => void;
}) {
  const t = useText("auditor");
  // Somebody has chosen a kind, and not yet said which.
  const [chosen, setChosen] = useState<{ of: Moment; kind: Moment["kind"] } | null>(null);
  const kind = chosen?.of === value ? chosen.kind : value.kind;
  const group = useId();
  const now = useNow();

  const choose = (next: Moment["kind"]) => {
    setChosen({ of: value, kind: next });
    if (next === "none" && value.kind !== "none") onChange(NONE);
  };
  const take = (text: string) => {
    if (kind === "position" && /^\d+$/.test(text)) onChange({ kind, position: Number(text) });
    const time = kind === "time" ? timeOf(text) : null;
    if (time !== null && (value.kind !== "time" || localOf(value.time) !== text)) {
      onChange({ kind: "time", time });
    }
  };
  const shown =
    value.kind === "time" ? localOf(value.time) : value.kind === "position" ? String(value.position) : "";
  const field = {
    "aria-labelledby": `${group} ${id}-kind`,
    className: "control tabular",
    onBlur: ({ target }: { target: HTMLInputElement }) => take(target.value),
    onKeyDown: (event: KeyboardEvent<HTMLInputElement>) => {
      if (event.key === "Enter") take(event.currentTarget.value);
    },
  };
  return (
    <div role="group" aria-labelledby={group} className="flex min-w-0 flex-col gap-1">
      <span id={group} className="font-medium">
        {label}
      </span>
      <div className="flex flex-wrap gap-2">
        <select
          id={`${id}-kind`}
          aria-labelledby={group}
          className="control w-auto flex-none"
          value={kind}
          onChange={(event) => choose(event.target.value as Moment["kind"])}
        >
          <option value="none">{none}</option>
          <option value="time">{t("moment.time")}</option>
          <option value="position">{t("moment.position")}</option>
        </select>
        {kind === "time" && (
          <div className="min-w-52 flex-1">
            <input
              {...field}
              key={shown}
              id={`${id}-time`}
              type="datetime-local"
              step={1}
              max={localOf(now)}
              defaultValue={value.kind === "time" ? shown : ""}
            />
          </div>
        )}
        {kind === "position" && (
          <div className="min-w-28 flex-1">
            <input
              {...field}
              key={shown}
              id={`${id}-position`}
              type="number"
              inputMode="numeric"
              min={0}
              defaultValue={value.kind === "position" ? shown : ""}
            />
          </div>
        )}
      </div>
    </div>
  );
}
