import { RefreshCw } from "lucide-react";
import { useEffect, useState } from "react";
import { useFormats } from "@/i18n/format";
import { type Say, useText } from "@/i18n/text";
import type { Unsent } from "@/lib/outbox";
import { useOutbox, useUnsent } from "@/lib/outbox-context";
import { useLive } from "@/live/live";
import { Button } from "@/ui/button";
import { Moment } from "@/ui/time";
import { type Saying } from "./connection-state";
import { useSayingText } from "./connection-use";

/**
 * How the connection is, up to when everything was told, and what waits to be sent. Not loaded when it is asked for: that is
 * when nothing can be loaded.
 */
export function ConnectionDetails({ saying }: { saying: Saying }) {
  const t = useText("connection");
  const say = useSayingText();
  const format = useFormats();
  const client = useLive();
  const outbox = useOutbox();
  const unsent = useUnsent();
  useEverySecond();
  const at = client?.lastUpdated ?? null;
  const tryNow = () => {
    client?.retry();
    outbox?.flush();
  };
  return (
    <div className="flex flex-col gap-3">
      <h2 className="font-semibold">{t("title")}</h2>
      <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1">
        <dt className="text-muted">{t("title")}</dt>
        <dd className="tabular">{say(saying)}</dd>
        <dt className="text-muted">{t("lastUpdated")}</dt>
        <dd data-last-updated className="tabular">
          {at === null ? t("never") : format.time(at)}
        </dd>
      </dl>
      {(saying.is !== "connected" || unsent.length > 0) && (
        <Button icon={RefreshCw} onClick={tryNow}>
          {t("tryNow")}
        </Button>
      )}
      {unsent.length > 0 && <h3 className="font-semibold">{t("unsentTitle")}</h3>}
      {unsent.length === 0 ? (
        <p className="text-muted">{t("nothingUnsent")}</p>
      ) : (
        <ul aria-label={t("unsentTitle")} className="divide-y divide-line">
          {unsent.map((command) => {
            const what = t(kindOf(command));
            const words = wordsOf(command);
            return (
              <li key={command.key} className="flex items-start justify-between gap-2 py-2">
                <div className="min-w-0">
                  <p className="font-medium">{what}</p>
                  {words && (
                    <p dir="auto" className="line-clamp-2 text-xs">
                      {words}
                    </p>
                  )}
                  <p className="text-xs text-muted">
                    <Moment at={new Date(command.at).toISOString()} isRelative />
                  </p>
                </div>
                <Button
                  look="quiet"
                  aria-label={t("discardOne", { what: words ? `${what}: ${words.slice(0, 60)}` : what })}
                  onClick={() => outbox?.discard(command.key)}
                >
                  {t("discard")}
                </Button>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

function kindOf({ method, path }: Unsent): Parameters<Say<"connection">>[0] {
  if (method === "POST" && path.endsWith("/comments")) return "what.comment";
  if (method === "POST" && path === "/api/tickets") return "what.create";
  if (method === "PATCH") return "what.change";
  if (method === "DELETE") return "what.delete";
  return "what.other";
}

/** What somebody wrote in it. */
function wordsOf({ body }: Unsent): string | null {
  if (typeof body !== "object" || body === null) return null;
  const { content, title } = body as Record<string, unknown>;
  return typeof content === "string" ? content : typeof title === "string" ? title : null;
}

function useEverySecond(): void {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
}
