import { useQuery } from "@tanstack/react-query";
import { CircleCheckBig, UserCheck } from "lucide-react";
import { statsQuery } from "@/api/queries";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { LISTS, useTally } from "@/live/watches";
import { useMe } from "@/session/session";
import { People } from "@/shell/presence-people";
import { Card, Section } from "@/ui/card";
import { Page } from "@/ui/page";
import { ErrorState } from "@/ui/states";
import { Averages } from "./averages";
import { Counter, Live } from "./figure-card";
import { countersOf, countersOfStats, ofMap } from "./figures";
import { useNewest } from "./newest";
import { TicketLines, ViewAll } from "./ticket-lines";
import { useAsTable, ViewToggle } from "./view";

/** What there is to do for agents, and how they are doing. */
export default function AdminDashboard() {
  const t = useText("dashboard");
  const me = useMe();
  const asTable = useAsTable();
  const stats = useQuery(statsQuery);
  const fetched = stats.data;
  const unassigned = useNewest(
    LISTS.unassigned.list,
    { assignee: "none", status: ["OPEN"] },
    me.id,
    ({ status }) => status === "OPEN",
  );
  const mine = useNewest(LISTS.mine.list, { assignee: "me" }, me.id);
  return (
    <Page title={t("adminTitle")} actions={<ViewToggle />}>
      {stats.error && !fetched && <ErrorState error={stats.error} onRetry={() => void stats.refetch()} />}
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        <Live
          id="total"
          title={t("total")}
          href="/admin/tickets"
          watch={LISTS.all}
          before={fetched && ofMap(fetched.priorityBreakdown.all)}
          asTable={asTable}
        />
        <Live
          id="unassigned"
          title={t("unassigned")}
          href="/admin/tickets?assignee=none&status=OPEN,IN_PROGRESS,WAITING"
          watch={LISTS.unassigned}
          before={fetched && ofMap(fetched.priorityBreakdown.unassigned)}
          asTable={asTable}
        />
        <Live
          id="mine"
          title={t("mine")}
          href="/admin/tickets?assignee=me"
          watch={LISTS.mine}
          before={fetched && ofMap(fetched.priorityBreakdown.myAssigned)}
          asTable={asTable}
        />
      </div>
      <Counters />
      <div className="grid gap-4 lg:grid-cols-2">
        <Section
          title={t("unassignedTickets")}
          actions={<ViewAll id="all-unassigned" href="/admin/tickets?assignee=none&status=OPEN" />}
        >
          <TicketLines
            name="unassigned"
            query={unassigned}
            empty={t("caughtUp")}
            icon={CircleCheckBig}
            withRequester
          />
        </Section>
        <Section
          title={t("myAssigned")}
          actions={<ViewAll id="all-mine" href="/admin/tickets?assignee=me" />}
        >
          <TicketLines name="mine" query={mine} empty={t("noneAssigned")} icon={UserCheck} withRequester />
        </Section>
      </div>
      <Averages asTable={asTable} />
      <Section title={t("whoIsThere")}>
        <People />
      </Section>
    </Page>
  );
}

function Counters() {
  const t = useText("dashboard");
  const format = useFormats();
  const { data: stats } = useQuery(statsQuery);
  const tally = useTally(LISTS.all.list, LISTS.all.filters);
  const counters = tally ? countersOf(tally.counts) : stats ? countersOfStats(stats) : null;
  return (
    <Card className="p-4">
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4" aria-label={t("byStatus")}>
        {(["open", "inProgress", "waiting", "closed"] as const).map((name) => (
          <Counter key={name} name={t(name)} value={counters && format.number(counters[name])} />
        ))}
      </dl>
    </Card>
  );
}
