import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useLocation } from "wouter";
import { ProblemError } from "@/api/problem";
import { agentsQuery, KEYS, ticketQuery } from "@/api/queries";
import type { Ticket } from "@/api/schema";
import { useText } from "@/i18n/text";
import { draftKey, hasDraft } from "@/lib/drafts";
import { useUnsent } from "@/lib/outbox-context";
import { useLiveEvent, useTicketRoom } from "@/live/live";
import { useMe } from "@/session/session";
import { ErrorState, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { Contents } from "./contents";
import { Gone, type Why } from "./gone";
import { withUnsent } from "./logic/overlay";
import { listPath, ShownProvider, type View } from "./view";

/** A ticket's page: what was said about it, live, and what can be done with it. */
export function TicketDetail({ id, view }: { id: string; view: View }) {
  const t = useText("ticket");
  const me = useMe();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [gone, setGone] = useState<Why | null>(null);
  const [deleted, setDeleted] = useState<Ticket | null>(null);
  const { data, error, refetch } = useQuery({ ...ticketQuery(id), enabled: gone === null });

  const isAway = useCallback(
    (why: Why) => {
      setDeleted(queries.getQueryData(ticketQuery(id).queryKey) ?? null);
      setGone(why);
      queries.removeQueries({ queryKey: [KEYS.ticket, id] });
    },
    [queries, id],
  );
  // The right to it, or it: asking again says which.
  useTicketRoom(id, () => void refetch());
  useLiveEvent("ticket:deleted", ({ id: which }, { actor }) => {
    if (which !== id || gone !== null) return;
    const isWritten = ["reply", "note", "edit"].some((what) => hasDraft(draftKey(me.id, "ticket", id, what)));
    if (isWritten) return isAway("deleted");
    if (actor !== me.id) toast(t("gone.deleted"), { key: `deleted.${id}` });
    go(listPath(view), { replace: true });
    queries.removeQueries({ queryKey: [KEYS.ticket, id] });
  });

  if (gone) return <Gone why={gone} id={id} view={view} title={deleted?.title} />;
  if (error && (!data || ProblemError.of(error).status === 404)) {
    const { status } = ProblemError.of(error);
    if (status === 404 || status === 422)
      return <Gone why="missing" id={id} view={view} title={data?.title} />;
    if (status === 403) return <Gone why="forbidden" id={id} view={view} title={undefined} />;
    if (!data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  }
  if (!data) return <Waiting />;
  return <Present known={data} view={view} />;
}

function Present({ known, view }: { known: Ticket; view: View }) {
  const me = useMe();
  const unsent = useUnsent();
  const isWorking = view === "agent";
  const { data: agents } = useQuery({ ...agentsQuery, enabled: isWorking });
  const people = agents?.map(({ id, name, email, role }) => ({ id, name, email, role })) ?? [];
  const { ticket, pending } = withUnsent(known, unsent, people);
  const mayEdit = me.role === "ADMIN" || (me.role === "USER" && known.createdById === me.id);
  return (
    <ShownProvider value={{ ticket, known, pending, view, mayEdit }}>
      <Contents />
    </ShownProvider>
  );
}

function Waiting() {
  return (
    <div className="mx-auto grid w-full max-w-7xl gap-5 px-4 py-6 sm:px-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="flex flex-col gap-6">
        <Skeleton lines={2} />
        <Skeleton lines={6} />
      </div>
      <div className="hidden lg:block">
        <Skeleton lines={5} />
      </div>
    </div>
  );
}
