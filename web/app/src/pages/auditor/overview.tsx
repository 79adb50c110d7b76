import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { GitCompare, ListChecks, ShieldCheck, Signature } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Link, useLocation } from "wouter";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { projectionsQuery } from "@/pages/operator/queries";
import { useMe } from "@/session/session";
import { listParameters } from "@/api/queries";
import { Button, ButtonLink } from "@/ui/button";
import { Card, Section } from "@/ui/card";
import { TextField } from "@/ui/field";
import { Page } from "@/ui/page";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { Moment } from "@/ui/time";
import { LogExport } from "./heads/page";
import { headsQuery, pastQuery, verificationQuery } from "./queries";
import { Recorded } from "./recorded";
import { TicketRows } from "./ticket-rows";
import { useOutcomeText } from "./verify/report";

const SHOWN = 10;

/** Where auditors begin: how the record is, and which ticket they want to look into. */
export default function Overview() {
  const t = useText("auditor");
  const me = useMe();
  const tickets = useInfiniteQuery(pastQuery(listParameters({}, me.id)));
  const shown = tickets.data?.pages[0]?.tickets.slice(0, SHOWN) ?? [];
  return (
    <Page title={t("overview.title")} lead={<Recorded />} actions={<LogExport />}>
      <div className="grid gap-4 md:grid-cols-3">
        <LogHead />
        <LatestHead />
        <LastVerification />
      </div>
      <Section
        title={t("overview.tickets")}
        actions={
          <div className="flex flex-wrap gap-2">
            <ButtonLink href="/audit/tickets" icon={ListChecks}>
              {t("past.title")}
            </ButtonLink>
            <ButtonLink href="/audit/diff" icon={GitCompare}>
              {t("diff.deskTitle")}
            </ButtonLink>
          </div>
        }
      >
        <Find />
        <div className="-mx-4 mt-4 -mb-4 border-t border-line">
          {tickets.isPending && (
            <div className="p-4">
              <Skeleton lines={5} />
            </div>
          )}
          {tickets.error && <ErrorState error={tickets.error} onRetry={() => void tickets.refetch()} />}
          {tickets.data && shown.length === 0 && <EmptyState title={t("past.none")} />}
          {shown.length > 0 && <TicketRows tickets={shown} at={null} label={t("overview.tickets")} />}
        </div>
      </Section>
    </Page>
  );
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** By its title, or by its id: that is the only way to one that was deleted. */
function Find() {
  const t = useText("auditor");
  const [, go] = useLocation();
  const [text, setText] = useState("");
  const find = (event: FormEvent) => {
    event.preventDefault();
    const asked = text.trim();
    if (ID.test(asked)) go(`/audit/tickets/${asked.toLowerCase()}`);
    else if (asked) go(`/audit/tickets?q=${encodeURIComponent(asked)}`);
  };
  return (
    <form role="search" onSubmit={find} className="flex flex-wrap items-end gap-2">
      <div className="min-w-48 flex-1">
        <TextField
          type="search"
          label={t("overview.find")}
          hint={t("overview.findHint")}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <Button type="submit" className="mb-5.5">
        {t("overview.go")}
      </Button>
    </form>
  );
}

function Tile({
  title,
  icon: Icon,
  href,
  link,
  children,
}: {
  title: string;
  icon: typeof ShieldCheck;
  href: string;
  link: string;
  children: ReactNode;
}) {
  return (
    <Card className="flex flex-col gap-2 p-4">
      <h2 className="flex items-center gap-2 text-xs font-semibold text-muted">
        <Icon aria-hidden size={16} />
        {title}
      </h2>
      <div className="flex-1">{children}</div>
      <Link href={href} className="text-link underline">
        {link}
      </Link>
    </Card>
  );
}

function LogHead() {
  const t = useText("auditor");
  const format = useFormats();
  const { data, error } = useQuery(projectionsQuery);
  const head = data && Math.max(0, ...data.map((projection) => projection.head));
  return (
    <Tile title={t("overview.head")} icon={ListChecks} href="/audit/diff" link={t("overview.compare")}>
      {error && !data && <p className="text-danger">{t("overview.away")}</p>}
      {head !== undefined && (
        <>
          <p className="tabular text-2xl font-semibold">{format.number(head)}</p>
          <p className="text-muted">{t("overview.events")}</p>
        </>
      )}
    </Tile>
  );
}

function LatestHead() {
  const t = useText("auditor");
  const format = useFormats();
  const { data, error } = useInfiniteQuery(headsQuery);
  const latest = data?.pages[0]?.heads[0];
  return (
    <Tile title={t("overview.signed")} icon={Signature} href="/audit/heads" link={t("heads.title")}>
      {error && !data && <p className="text-danger">{t("overview.away")}</p>}
      {data && !latest && <p className="text-muted">{t("heads.none")}</p>}
      {latest && (
        <>
          <p className="tabular text-2xl font-semibold">{format.number(latest.position)}</p>
          <p className="text-muted">
            {t("overview.signedAt")} <Moment at={latest.signedAt} isRelative />
          </p>
        </>
      )}
    </Tile>
  );
}

function LastVerification() {
  const t = useText("auditor");
  const format = useFormats();
  const outcome = useOutcomeText();
  const { data, error } = useQuery(verificationQuery);
  const report = data?.report;
  return (
    <Tile title={t("overview.verified")} icon={ShieldCheck} href="/audit/verify" link={t("verify.title")}>
      {error && !data && <p className="text-danger">{t("overview.away")}</p>}
      {data?.running && <p>{t("verify.running")}</p>}
      {data && !data.running && !report && <p className="text-muted">{t("verify.none")}</p>}
      {report && (
        <>
          <p className="text-base font-semibold">{outcome(report.outcome)}</p>
          <p className="text-muted">{t("overview.upTo", { position: format.number(report.head) })}</p>
        </>
      )}
    </Tile>
  );
}
