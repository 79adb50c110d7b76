import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { useParams } from "wouter";
import { useText } from "@/i18n/text";
import { ButtonLink } from "@/ui/button";
import { Card } from "@/ui/card";
import { Page } from "@/ui/page";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { EvidenceButton } from "../evidence";
import { ticketDiffQuery } from "../queries";
import { Recorded } from "../recorded";
import { BetweenFields, useBetween } from "./between";
import { Changes } from "./changes";
import { KindBadge } from "./kind";

/** What became of one ticket between two moments. */
export default function TicketDiff() {
  const { id } = useParams<{ id: string }>();
  const t = useText("auditor");
  const { data, error, refetch } = useQuery(ticketDiffQuery(id, useBetween()));
  const more = data ? data.added.comments + data.added.attachments - additionsIn(data.changes) : 0;
  return (
    <Page
      title={data ? t("diff.ticketTitle", { title: data.title }) : t("diff.title")}
      lead={<Recorded />}
      actions={
        <>
          <ButtonLink href={`/audit/tickets/${id}${data ? `?at=${data.toPosition}` : ""}`} icon={History}>
            {t("machine.title")}
          </ButtonLink>
          <EvidenceButton id={id} />
        </>
      }
    >
      <BetweenFields from={data?.fromPosition ?? null} to={data?.toPosition ?? null} />
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <Skeleton lines={6} />}
      {!error && data && (
        <Card className="flex flex-col gap-4 p-4 sm:p-5">
          <p className="flex flex-wrap items-center gap-2">
            <KindBadge kind={data.kind} />
            <span className="text-muted">
              {t("diff.added", { comments: data.added.comments, files: data.added.attachments })}
            </span>
          </p>
          {data.changes.length === 0 ? (
            <EmptyState title={t(data.kind === "UNCHANGED" ? "diff.nothing" : "diff.nothingDiffers")} />
          ) : (
            <Changes changes={data.changes} />
          )}
          {more > 0 && <p className="text-muted">{t("diff.more", { n: more })}</p>}
        </Card>
      )}
    </Page>
  );
}

function additionsIn(changes: readonly { field: string }[]): number {
  return changes.filter(({ field }) => field === "comment" || field === "attachment").length;
}
