import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, nextCursor } from "@/api/client";
import { KEYS } from "@/api/queries";
import type { HistoryStep } from "@/api/schema";
import { useText } from "@/i18n/text";
import type { Category, Priority, Status } from "@/ui/badge";
import { Button } from "@/ui/button";
import { ErrorState, Skeleton } from "@/ui/states";
import { Moment } from "@/ui/time";
import { type Deed, deedsOf } from "./logic/steps";
import { useShown } from "./view";

const PAGE = 100;

/** What happened to the ticket, as far as the reader may know; fetched when it is opened. */
export function History() {
  const t = useText("ticket");
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
      className="rounded-xl border border-line bg-surface shadow-card"
    >
      <summary className="px-4 py-3 font-semibold">{t("activity")}</summary>
      {isOpen && <Steps />}
    </details>
  );
}

function Steps() {
  const common = useText("common");
  const { known } = useShown();
  const { id, version } = known;
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: [KEYS.ticket, id, "history", version],
    placeholderData: keepPreviousData,
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const query = pageParam === null ? { limit: PAGE } : { limit: PAGE, cursor: pageParam };
      const { data, response } = await answer(
        api.GET("/api/tickets/{id}/history", { params: { path: { id }, query }, signal }),
      );
      return { steps: data, next: nextCursor(response) };
    },
    getNextPageParam: (page) => page.next,
  });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data)
    return (
      <div className="px-4 pb-4">
        <Skeleton lines={4} />
      </div>
    );
  const steps = data.pages.flatMap((page) => page.steps);
  return (
    <div className="flex flex-col gap-3 px-4 pb-4">
      <ol className="flex flex-col gap-2">
        {steps.map((step) => (
          <Step key={step.position} step={step} />
        ))}
      </ol>
      {hasNextPage && (
        <Button onClick={() => void fetchNextPage()} disabled={isFetchingNextPage}>
          {common("more")}
        </Button>
      )}
    </div>
  );
}

function Step({ step }: { step: HistoryStep }) {
  const say = useDeed();
  const { actor, occurredAt } = step;
  return (
    <li className="border-s-2 border-line ps-3">
      {deedsOf(step).map((deed, place) => (
        // A step's deeds never change places.
        <p key={place}>{say(actor.name, deed)}</p>
      ))}
      <p className="text-muted text-xs">
        <Moment at={occurredAt} isRelative />
      </p>
    </li>
  );
}

/** Says what somebody did. */
function useDeed(): (name: string, deed: Deed) => string {
  const t = useText("ticket");
  const common = useText("common");
  return (name, deed) => {
    switch (deed.kind) {
      case "status": {
        const [from, to] = [deed.from, deed.to].map((one) => common(`status.${one as Status}`));
        return t("did.status", { name, from: from ?? "", to: to ?? "" });
      }
      case "priority": {
        const [from, to] = [deed.from, deed.to].map((one) => common(`priority.${one as Priority}`));
        return t("did.priority", { name, from: from ?? "", to: to ?? "" });
      }
      case "category": {
        const [from, to] = [deed.from, deed.to].map((one) => common(`category.${one as Category}`));
        return t("did.category", { name, from: from ?? "", to: to ?? "" });
      }
      case "assigned":
        return deed.to === null ? t("did.unassigned", { name }) : t("did.assigned", { name, to: deed.to });
      case "retitled":
        return t("did.retitled", { name, to: deed.to });
      case "attached":
        return t("did.attached", { name, file: deed.name });
      case "other":
        return deed.text;
      default:
        return t(`did.${deed.kind}`, { name });
    }
  };
}
