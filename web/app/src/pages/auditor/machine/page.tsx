import { GitCompare } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useParams } from "wouter";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { announce } from "@/lib/announce";
import { ButtonLink } from "@/ui/button";
import { Card } from "@/ui/card";
import { Page } from "@/ui/page";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { EvidenceButton } from "../evidence";
import { Recorded } from "../recorded";
import { Controls } from "./controls";
import { Events } from "./events";
import { frameAt } from "./film";
import { Happened } from "./happened";
import { Picture } from "./picture";
import { Legend, Timeline } from "./timeline";
import { useTold } from "./told";
import { useHistory } from "./use-history";
import { usePlayer } from "./use-player";

/** As many events are asked for at first. */
const FIRST = 400;
/** So many events before the last known one, more are asked for. */
const AHEAD = 100;

/** The time machine: a ticket as it was after each of its events. */
export default function Machine() {
  const { id } = useParams<{ id: string }>();
  return <TicketMachine key={id} id={id} />;
}

function TicketMachine({ id }: { id: string }) {
  const t = useText("auditor");
  const format = useFormats();
  const told = useTold();
  const [wanted, setWanted] = useState(FIRST);
  const history = useHistory(id, wanted);
  const { steps, hasMore } = history;
  const player = usePlayer(steps, hasMore);
  const { index, isFollowing, isPlaying } = player;
  const frame = useMemo(() => frameAt(steps, index), [steps, index]);

  const isNearEnd = index > steps.length - AHEAD;
  useEffect(() => {
    if (hasMore && isNearEnd) setWanted(steps.length + AHEAD);
  }, [hasMore, isNearEnd, steps.length]);

  // Who listens is told what happens while they are here, and where the film is when it stands still.
  const count = useRef(0);
  useEffect(() => {
    const grown = count.current > 0 && steps.length > count.current && !hasMore;
    const step = steps.at(-1);
    if (grown && step) announce(t("machine.grown", { told: told(step) }));
    count.current = steps.length;
    // oxlint-disable-next-line react/exhaustive-deps -- only what is new is told, and once
  }, [steps, hasMore]);

  const title = frame?.last?.title ?? t("machine.title");
  const at = frame && !isFollowing ? `?to=${frame.step.position}` : "";
  return (
    <Page
      title={title}
      lead={<Recorded />}
      actions={
        <>
          <ButtonLink href={`/audit/tickets/${id}/diff${at}`} icon={GitCompare}>
            {t("machine.compare")}
          </ButtonLink>
          <EvidenceButton id={id} />
        </>
      }
    >
      {history.isPending && <Skeleton lines={8} />}
      {history.error && steps.length === 0 && <ErrorState error={history.error} onRetry={history.retry} />}
      {frame && (
        <>
          <Card className="flex flex-col gap-3 p-4 md:sticky md:top-14 md:z-20">
            <p className="flex flex-wrap items-baseline justify-between gap-x-4">
              <span id="film-place" className="font-semibold">
                {t("machine.place", { n: index + 1, of: steps.length })}
                {isFollowing && <span className="text-success"> · {t("machine.now")}</span>}
              </span>
              <time dateTime={frame.step.occurredAt} className="text-muted">
                {format.date(frame.step.occurredAt)} {format.time(frame.step.occurredAt)}
              </time>
            </p>
            <Timeline
              steps={steps}
              index={index}
              valueText={t("machine.value", { n: index + 1, of: steps.length, told: told(frame.step) })}
              onSeek={player.seek}
              onSpace={isPlaying ? player.pause : player.play}
            />
            <Controls player={player} count={steps.length} />
            {hasMore && (
              <p role="status" className="text-xs text-muted">
                {t("machine.loadingMore", { n: steps.length })}
              </p>
            )}
          </Card>
          <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_24rem] lg:grid-rows-[auto_1fr]">
            <div className="lg:col-start-2">
              <Happened steps={steps} index={index} />
            </div>
            <div id="picture" className="min-w-0 lg:col-start-1 lg:row-span-2 lg:row-start-1">
              <Picture frame={frame} />
            </div>
            <div className="lg:col-start-2">
              <Events steps={steps} index={index} onSeek={player.seek} />
            </div>
          </div>
          <Legend steps={steps} />
        </>
      )}
      {!history.isPending && !history.error && steps.length === 0 && <EmptyState title={t("machine.none")} />}
    </Page>
  );
}
