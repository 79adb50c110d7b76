import { CircleAlert, type LucideIcon, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { ProblemError } from "@/api/problem";
import { useText } from "@/i18n/text";
import { Button } from "./button";

/** There is nothing to show, and why. */
export function EmptyState({
  icon: Icon = SearchX,
  title,
  children,
}: {
  icon?: LucideIcon;
  title: string;
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      <Icon aria-hidden size={32} className="text-muted" />
      <p className="text-base font-semibold">{title}</p>
      <div className="text-muted flex flex-col items-center gap-3">{children}</div>
    </div>
  );
}

/** What an error says to people, in their language where it is one of ours. */
export function useProblemText(): (error: unknown) => string {
  const t = useText("common");
  return (error) => {
    const problem = ProblemError.of(error);
    if (problem.isAway) return t("error.away");
    if (problem.status === 429)
      return t("error.limited", { n: Math.ceil((problem.retryAfterMs ?? 1_000) / 1_000) });
    if (problem.status >= 500) return t("error.fault");
    return problem.message;
  };
}

/** Something failed; with a way to try again. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useText("common");
  const say = useProblemText();
  const request = ProblemError.of(error).problem?.requestId;
  return (
    <div role="alert" className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      <CircleAlert aria-hidden size={32} className="text-danger" />
      <p className="text-base font-semibold">{t("error.title")}</p>
      <p className="text-muted">{say(error)}</p>
      {request && <p className="text-muted font-mono text-xs">{t("error.request", { id: request })}</p>}
      {onRetry && <Button onClick={onRetry}>{t("retry")}</Button>}
    </div>
  );
}

/** Grey lines where something will be. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  const t = useText("common");
  return (
    <div role="status" className="flex flex-col gap-3 py-2">
      <span className="sr-only">{t("loading")}</span>
      {Array.from({ length: lines }, (_, line) => (
        // The lines are all alike, and never change places.
        <div key={line} className="skeleton h-5" style={{ width: `${100 - ((line * 17) % 40)}%` }} />
      ))}
    </div>
  );
}
