import { Plus } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { statsQuery } from "@/api/queries";
import { useText } from "@/i18n/text";
import { LISTS } from "@/live/watches";
import { useMe } from "@/session/session";
import { ButtonLink } from "@/ui/button";
import { Section } from "@/ui/card";
import { Page } from "@/ui/page";
import { ErrorState } from "@/ui/states";
import { Live } from "./figure-card";
import { ofMap } from "./figures";
import { useNewest } from "./newest";
import { TicketLines, ViewAll } from "./ticket-lines";
import { useAsTable, ViewToggle } from "./view";

/** What became of one's own tickets. An agent has some of their own, too. */
export default function Dashboard() {
  const t = useText("dashboard");
  const me = useMe();
  const asTable = useAsTable();
  // The server's figures are an agent's about everybody; an agent's own come from the watched lists alone.
  const stats = useQuery({ ...statsQuery, enabled: me.role !== "ADMIN" });
  const fetched = me.role === "ADMIN" ? undefined : stats.data;
  const own = LISTS.own(me.id);
  const newest = useNewest(own.list, { requester: me.id }, me.id);
  const isGuest = me.role === "GUEST";
  return (
    <Page
      title={t("welcome", { name: me.name || t("guest") })}
      lead={t("lead")}
      actions={
        <>
          <ViewToggle />
          {!isGuest && (
            <ButtonLink href="/tickets/new" look="primary" icon={Plus}>
              {t("newTicket")}
            </ButtonLink>
          )}
        </>
      }
    >
      {stats.error && !fetched && <ErrorState error={stats.error} onRetry={() => void stats.refetch()} />}
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
        <Live
          id="own"
          title={t("myTickets")}
          href="/tickets"
          watch={own}
          before={fetched && ofMap(fetched.priorityBreakdown.myTickets)}
          asTable={asTable}
        />
        <Live
          id="open"
          title={t("open")}
          href="/tickets?status=OPEN"
          watch={LISTS.ownIn(me.id, "open", ["OPEN"])}
          before={fetched && ofMap(fetched.priorityBreakdown.open)}
          asTable={asTable}
        />
        <Live
          id="in-progress"
          title={t("inProgress")}
          href="/tickets?status=IN_PROGRESS"
          watch={LISTS.ownIn(me.id, "in-progress", ["IN_PROGRESS"])}
          before={fetched && ofMap(fetched.priorityBreakdown.inProgress)}
          asTable={asTable}
        />
        <Live
          id="closed"
          title={t("closed")}
          href="/tickets?status=RESOLVED,CLOSED"
          watch={LISTS.ownIn(me.id, "closed", ["RESOLVED", "CLOSED"])}
          before={fetched && ofMap(fetched.priorityBreakdown.closed)}
          asTable={asTable}
        />
      </div>
      <Section title={t("recent")} actions={<ViewAll id="all-recent" href="/tickets" />}>
        <TicketLines
          name="recent"
          query={newest}
          empty={t("noTickets")}
          emptyActions={
            <>
              <p>{t("noTicketsHelp")}</p>
              {!isGuest && (
                <ButtonLink href="/tickets/new" look="primary" icon={Plus}>
                  {t("newTicket")}
                </ButtonLink>
              )}
            </>
          }
        />
      </Section>
    </Page>
  );
}
