import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download, Signature } from "lucide-react";
import { api, body } from "@/api/client";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { useProblemText } from "@/ui/states";
import { toast } from "@/ui/toast";
import { headsQuery } from "../queries";
import { HeadsList } from "./list";

/** The signed heads of the log, and another one if there is something new. */
export default function HeadsPage() {
  const t = useText("auditor");
  const format = useFormats();
  const say = useProblemText();
  const queries = useQueryClient();
  const sign = useMutation({
    mutationFn: () => body(api.POST("/api/audit/heads")),
    onSuccess: (signed) => {
      const position = format.number(signed.head.position);
      toast(t(signed.new ? "heads.signed" : "heads.nothingNew", { position }), { tone: "success" });
    },
    onError: (error) => toast(say(error), { tone: "danger" }),
    onSettled: () => queries.invalidateQueries({ queryKey: headsQuery.queryKey }),
  });
  return (
    <Page
      title={t("heads.title")}
      lead={t("heads.lead")}
      actions={
        <>
          <LogExport />
          <Button
            id="heads-sign"
            look="primary"
            icon={Signature}
            aria-busy={sign.isPending}
            onClick={() => {
              if (!sign.isPending) sign.mutate();
            }}
          >
            {t("heads.sign")}
          </Button>
        </>
      }
    >
      <HeadsList />
    </Page>
  );
}

/** The whole log as a file: the browser takes it as it comes, however long it is. */
export function LogExport() {
  const t = useText("auditor");
  return (
    <a
      href="/api/audit/log"
      download="informejo.log.jsonl"
      title={t("log.exportHelp")}
      className="inline-flex min-h-9 items-center justify-center gap-2 rounded-lg border border-line-strong bg-surface px-3.5 font-medium hover:bg-hover"
    >
      <Download aria-hidden size={16} />
      {t("log.export")}
    </a>
  );
}
