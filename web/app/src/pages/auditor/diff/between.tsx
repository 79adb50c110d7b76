import { useText } from "@/i18n/text";
import { Card } from "@/ui/card";
import { momentOf, written } from "../moment";
import { MomentField } from "../moment-field";
import type { Between } from "../queries";
import { useUrl } from "../url";

/** The two moments in the URL. */
export function useBetween(): Between {
  const [url] = useUrl();
  const from = written(momentOf(url.get("from")));
  const to = written(momentOf(url.get("to")));
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

/** Asks for the two moments, and says which positions they came to. */
export function BetweenFields({ from, to }: { from: number | null; to: number | null }) {
  const t = useText("auditor");
  const [url, change] = useUrl();
  return (
    <Card className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap gap-x-6 gap-y-3">
        <MomentField
          id="from"
          label={t("diff.from")}
          none={t("moment.beginning")}
          value={momentOf(url.get("from"))}
          onChange={(moment) => change({ from: written(moment) })}
        />
        <MomentField
          id="to"
          label={t("diff.until")}
          none={t("moment.now")}
          value={momentOf(url.get("to"))}
          onChange={(moment) => change({ to: written(moment) })}
        />
      </div>
      {from !== null && to !== null && (
        <p id="diff-positions" role="status" className="text-muted">
          {t("diff.positions", { from, to })}
        </p>
      )}
    </Card>
  );
}
