import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { HeadsList } from "@/pages/auditor/heads/list";
import { Card } from "@/ui/card";
import { Page } from "@/ui/page";
import { Tabs } from "./tabs";
import { useProjections } from "./use-projections";

/** Where the log ends, and what was sworn to of it. There are no contents in that. */
export default function Log() {
  const t = useText("operator");
  const format = useFormats();
  const { data } = useProjections();
  const head = data && Math.max(0, ...data.map((projection) => projection.head));
  return (
    <Page title={t("log.title")} lead={t("log.lead")}>
      <Tabs />
      <Card className="p-4">
        <h2 className="text-xs font-semibold text-muted">{t("log.head")}</h2>
        <p id="log-head" className="tabular text-2xl font-semibold">
          {head === undefined ? "–" : format.number(head)}
        </p>
        <p className="text-muted">{t("log.headHelp")}</p>
      </Card>
      <HeadsList />
    </Page>
  );
}
