import type { ReactNode } from "react";
import { useText } from "@/i18n/text";
import type { Priority, Status } from "@/lib/ticket-fields";
import { cx } from "./classes";

export type Tone = "neutral" | "info" | "note" | "warning" | "success" | "danger";

const TONES: Record<Tone, string> = {
  neutral: "bg-neutral-soft text-neutral",
  info: "bg-info-soft text-info",
  note: "bg-note-soft text-note",
  warning: "bg-warning-soft text-warning",
  success: "bg-success-soft text-success",
  danger: "bg-danger-soft text-danger",
};

export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={cx(
        "inline-flex items-center gap-1 rounded-md px-2 py-0.5 text-xs font-medium whitespace-nowrap",
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}

export {
  CATEGORIES,
  type Category,
  PRIORITIES,
  type Priority,
  STATUSES,
  type Status,
} from "@/lib/ticket-fields";

const STATUS_TONES: Record<Status, Tone> = {
  OPEN: "info",
  IN_PROGRESS: "note",
  WAITING: "warning",
  RESOLVED: "success",
  CLOSED: "neutral",
};
const PRIORITY_TONES: Record<Priority, Tone> = {
  LOW: "neutral",
  MEDIUM: "info",
  HIGH: "warning",
  CRITICAL: "danger",
};

export function StatusBadge({ status }: { status: string }) {
  const t = useText("common");
  return <Badge tone={STATUS_TONES[status as Status]}>{t(`status.${status as Status}`)}</Badge>;
}

export function PriorityBadge({ priority }: { priority: string }) {
  const t = useText("common");
  return <Badge tone={PRIORITY_TONES[priority as Priority]}>{t(`priority.${priority as Priority}`)}</Badge>;
}
