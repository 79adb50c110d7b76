import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Monitor, Smartphone } from "lucide-react";
import { useState } from "react";
import { api, body } from "@/api/client";
import type { SessionShown } from "@/api/schema";
import { useText } from "@/i18n/text";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { ErrorState, Skeleton } from "@/ui/states";
import { Moment } from "@/ui/time";
import { browserOf } from "./browser";
import { sessionsQuery } from "./queries";

/** Where one is signed in, and what ends that. */
export function Sessions() {
  const t = useText("account");
  const queries = useQueryClient();
  const { data: sessions, error, refetch } = useQuery(sessionsQuery);
  const [ending, setEnding] = useState<SessionShown | "others" | null>(null);
  const end = async () => {
    if (ending === "others") await body(api.DELETE("/api/auth/sessions"));
    else if (ending)
      await body(api.DELETE("/api/auth/sessions/{id}", { params: { path: { id: ending.id } } }));
    await queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
  };
  const others = sessions?.filter(({ current }) => !current) ?? [];
  return (
    <Section
      title={t("sessions")}
      actions={
        others.length > 0 && <Button onClick={() => setEnding("others")}>{t("sessions.endOthers")}</Button>
      }
    >
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!sessions && !error && <Skeleton />}
      {sessions && (
        <ul className="-my-3 divide-y divide-line">
          {sessions.map((session) => (
            <SessionRow key={session.id} session={session} end={() => setEnding(session)} />
          ))}
        </ul>
      )}
      <Confirm
        title={ending === "others" ? t("sessions.endOthers") : t("sessions.end")}
        action={t("sessions.end")}
        isOpen={ending !== null}
        onClose={() => setEnding(null)}
        run={end}
      >
        {ending === "others" ? t("sessions.endOthersText") : t("sessions.endText")}
      </Confirm>
    </Section>
  );
}

function SessionRow({ session, end }: { session: SessionShown; end: () => void }) {
  const t = useText("account");
  const { name, isPhone } = browserOf(session.userAgent ?? "");
  const Icon = isPhone ? Smartphone : Monitor;
  const called = name || t("sessions.unknown");
  return (
    <li className="flex items-center gap-3 py-3">
      <Icon aria-hidden size={20} className="shrink-0 text-muted" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium" title={session.userAgent ?? undefined}>
          <bdi>{called}</bdi>
          {session.current && <Badge tone="success">{t("sessions.current")}</Badge>}
        </p>
        <p className="text-muted text-xs">
          {session.address && (
            <>
              <bdi>{session.address}</bdi>
              {" · "}
            </>
          )}
          {t("sessions.seen")} <Moment at={session.lastSeenAt} isRelative />
          {" · "}
          {t("sessions.expires")} <Moment at={session.expiresAt} />
        </p>
      </div>
      {!session.current && (
        <Button onClick={end} aria-label={t("sessions.endOne", { name: called })}>
          {t("sessions.end")}
        </Button>
      )}
    </li>
  );
}
