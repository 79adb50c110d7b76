import type { ReactNode } from "react";
import { useText } from "@/i18n/text";
import type { Category, Status } from "@/ui/badge";
import { Section } from "@/ui/card";
import { Moment } from "@/ui/time";
import { useShown } from "./view";

/** Who has opened it, who works on it, and when. */
export function Facts() {
  const t = useText("ticket");
  const common = useText("common");
  const { ticket, view } = useShown();
  const { createdBy, assignedTo } = ticket;
  const isWorking = view === "agent";
  return (
    <Section title={t("facts")}>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-2">
        <Fact name={common("field.requester")}>
          <bdi>{createdBy.name}</bdi>
          {createdBy.department && <span className="text-muted"> ({createdBy.department})</span>}
          {createdBy.role === "GUEST" && <span className="text-muted"> · {common("role.GUEST")}</span>}
        </Fact>
        {isWorking && (
          <Fact name={t("mail")}>
            <a href={`mailto:${createdBy.email}`} className="text-link underline">
              {createdBy.email}
            </a>
          </Fact>
        )}
        {!isWorking && (
          <>
            <Fact name={common("field.status")}>{common(`status.${ticket.status as Status}`)}</Fact>
            <Fact name={common("field.category")}>{common(`category.${ticket.category as Category}`)}</Fact>
            <Fact name={common("field.assignee")}>
              {assignedTo ? <bdi>{assignedTo.name}</bdi> : t("awaiting")}
            </Fact>
          </>
        )}
        <Fact name={common("field.created")}>
          <Moment at={ticket.createdAt} />
        </Fact>
        <Fact name={common("field.updated")}>
          <Moment at={ticket.updatedAt} isRelative />
        </Fact>
      </dl>
    </Section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
